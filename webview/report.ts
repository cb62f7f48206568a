import { readRestored } from '../src/protocol/report-messages';
import { DataTable } from './data-table';
import { Host } from './host';
import { NoticeList } from './notice-list';
import { ReportView } from './report-view';
import { RowDetail } from './row-detail';
import { registerControls } from './ui';

/** Entry of the webview: the page says which report it is, the host says everything else. */
registerControls();
customElements.define('dbops-table', DataTable);
customElements.define('dbops-notices', NoticeList);
customElements.define('dbops-detail', RowDetail);
customElements.define('dbops-report', ReportView);

const origin = readRestored(JSON.parse(document.body.dataset['origin'] ?? 'null'));
if (origin) document.body.append(new ReportView(new Host(), origin));
