import assert from 'node:assert/strict';
import { findProjects, type FlywayProject } from '../../../src/core/flyway/find-projects';
import { MemoryFiles } from './memory-files';

type Files = Readonly<Record<string, string>>;

const find = (files: Files, environment = {}): Promise<FlywayProject[]> =>
  findProjects(new MemoryFiles(files), '/w', environment);
const first = async (files: Files, environment = {}): Promise<FlywayProject> => {
  const [project] = await find(files, environment);
  assert.ok(project, 'no project was found');
  return project;
};
const folders = async (files: Files, environment = {}): Promise<string[]> =>
  (await find(files, environment)).flatMap((project) => project.migrationFolders);

describe('flyway.conf, as Flyway reads it', () => {
  const placeholders = async (conf: string, environment = {}): Promise<Record<string, string>> =>
    Object.fromEntries(
      (await first({ '/w/flyway.conf': conf, '/w/sql/V1__x.sql': '' }, environment)).config.placeholders,
    );

  it('takes a backslash for itself, unless a line goes on', async () => {
    assert.deepEqual(
      await placeholders('flyway.placeholders.a=C:\\new\\u0041\nflyway.placeholders.b=one,\\\n  two\n'),
      {
        a: 'C:\\new\\u0041',
        b: 'one,two',
      },
    );
    // Behind it stands another setting: the backslash belongs to the value.
    assert.deepEqual(await placeholders('flyway.placeholders.a=C:\\\nflyway.placeholders.b=2'), { a: 'C:\\', b: '2' });
  });

  it('replaces variables, unknown ones by nothing, in keys too', async () => {
    assert.deepEqual(
      await placeholders('flyway.placeholders.a=<${X}${NOPE}>\n! no\n# no\nflyway.placeholders.${X}: y', { X: 'x1' }),
      {
        a: '<x1>',
        x1: 'y',
      },
    );
  });

  it('of the user outranks that of the installation, and that of the project both', async () => {
    const files = {
      '/w/conf/flyway.conf': 'flyway.table=a\nflyway.encoding=UTF-16\nflyway.mixed=true',
      '/home/u/flyway.conf': 'flyway.table=b\nflyway.encoding=ISO-8859-1',
      '/w/flyway.conf': 'flyway.table=c',
      '/w/sql/V1__x.sql': '',
    };
    const { config } = await first(files, { HOME: '/home/u' });
    assert.deepEqual([config.table, config.encoding, config.mixed], ['c', 'ISO-8859-1', true]);
    const from = (name: string): string | undefined => config.shown.find((row) => row.name === name)?.from;
    assert.equal(from('encoding'), '/home/u/flyway.conf');
    assert.equal(from('mixed'), '/w/conf/flyway.conf');
    assert.equal(from('outOfOrder'), "Flyway's defaults");
  });

  it('under other names is a use of its own, and finds its folders from the workspace', async () => {
    const projects = await find({
      '/w/config/flyway-orders.conf': 'flyway.locations=filesystem:orders/sql\nflyway.url=jdbc:postgresql://h/orders',
      '/w/config/flyway-stock.conf': 'flyway.locations=filesystem:stock/sql\nflyway.url=jdbc:mysql://h/stock',
      '/w/orders/sql/V1__x.sql': '',
      '/w/stock/sql/V1__x.sql': '',
    });
    assert.deepEqual(
      projects.map(({ migrationFolders, config }) => [migrationFolders, config.database.value]),
      [
        [['/w/orders/sql'], 'postgresql'],
        [['/w/stock/sql'], 'mysql'],
      ],
    );
  });
});

describe('flyway.toml', () => {
  const toml = `[flyway]
environment = "prod"
locations = ["filesystem:m"]
mixed = false
postgresql.transactional.lock = false
[environments.dev]
url = "jdbc:h2:mem:x"
[environments.prod]
url = "jdbc:postgresql://app:geheim@db/shop?password=geheim"
password = "geheim"
schemas = ["shop", "audit"]
[environments.prod.flyway]
mixed = true
[flyway.placeholders]
Owner = "app"
apiToken = "geheim"`;

  it('takes the environment that is chosen, and its own settings of Flyway', async () => {
    const files = { '/w/flyway.toml': toml, '/w/m/V1__x.sql': '' };
    const { config } = await first(files);
    assert.deepEqual(config.database, { value: 'postgresql', from: '/w/flyway.toml (environments.prod)' });
    assert.deepEqual(
      [config.mixed, config.defaultSchema, config.transactionalLock, config.placeholders.get('owner')],
      [true, 'shop', false, 'app'],
    );
    const dev = await first(files, { FLYWAY_ENVIRONMENT: 'dev' });
    assert.deepEqual([dev.config.database.value, dev.config.mixed], ['h2', false]);
  });

  it('never shows a secret', async () => {
    const { config } = await first({ '/w/flyway.toml': toml, '/w/m/V1__x.sql': '' }, { FLYWAY_PASSWORD: 'geheim' });
    assert.doesNotMatch(JSON.stringify(config.shown), /geheim/);
    assert.match(JSON.stringify(config.shown), /jdbc:postgresql:\/\/db\/shop/);
  });
});

describe('pom.xml', () => {
  const plugin = (configuration: string, more = ''): string =>
    `<plugin><groupId>org.flywaydb</groupId><artifactId>flyway-maven-plugin</artifactId><configuration>${configuration}</configuration>${more}</plugin>`;
  const pom = (inside: string): string =>
    `<?xml version="1.0"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">${inside}</project>`;

  it('has properties, lists and placeholders; the properties outrank the plugin', async () => {
    const { config } = await first(
      {
        '/w/pom.xml':
          pom(`<properties><sql.dir>src/sql</sql.dir><home>\${project.basedir}</home><flyway.table>by_property</flyway.table></properties>
        <build><plugins>${plugin(`<locations><location>filesystem:\${home}/\${sql.dir}</location><location>classpath:none</location></locations>
        <sqlMigrationSuffixes><sqlMigrationSuffix>.sql</sqlMigrationSuffix><sqlMigrationSuffix>.pgsql</sqlMigrationSuffix></sqlMigrationSuffixes>
        <table>by_plugin</table><sqlMigrationPrefix/><placeholders><app.owner>\${env.WHO}</app.owner></placeholders><url>jdbc:mariadb://h/x</url>`)}</plugins></build>`),
        '/w/src/sql/1__x.sql': '',
      },
      { WHO: 'me' },
    );
    assert.deepEqual(config.locations.value, ['filesystem:/w/src/sql', 'classpath:none']);
    assert.deepEqual(config.naming.suffixes, ['.sql', '.pgsql']);
    assert.equal(config.naming.versionedPrefix, '');
    assert.equal(config.table, 'by_property');
    assert.equal(config.placeholders.get('app.owner'), 'me');
    assert.equal(config.database.value, 'mariadb');
  });

  it('inherits from its parent, which is no project itself', async () => {
    const projects = await find({
      '/w/pom.xml': pom(`<modules><module>a</module></modules><properties><dir>db/changes</dir></properties>
        <build><pluginManagement><plugins>${plugin('<locations><location>classpath:${dir}</location></locations>')}</plugins></pluginManagement></build>`),
      '/w/a/pom.xml': pom(
        '<parent><groupId>g</groupId><artifactId>p</artifactId></parent><properties><dir>db/mine</dir></properties>',
      ),
      '/w/a/src/main/resources/db/mine/V1__x.sql': '',
    });
    assert.deepEqual(
      projects.map(({ folder, migrationFolders, problems }) => [folder, migrationFolders, problems]),
      [['/w/a', ['/w/a/src/main/resources/db/mine'], []]],
    );
  });

  it('may run Flyway several times: executions and profiles', async () => {
    const execution = (id: string, inside: string): string =>
      `<execution><id>${id}</id><configuration>${inside}</configuration></execution>`;
    const projects = await find({
      '/w/pom.xml': pom(`<build><plugins>${plugin(
        '<encoding>UTF-16</encoding>',
        `<executions>${execution('one', '<locations><location>filesystem:one</location></locations>')}
        ${execution('two', '<locations>filesystem:two</locations><sqlMigrationPrefix>M</sqlMigrationPrefix>')}</executions>`,
      )}</plugins></build>
        <profiles><profile><id>three</id><build><plugins>${plugin('<locations><location>filesystem:three</location></locations>')}</plugins></build></profile></profiles>`),
      '/w/one/V1__x.sql': '',
      '/w/two/M1__x.sql': '',
      '/w/three/V1__x.sql': '',
    });
    assert.deepEqual(
      projects.map(({ migrationFolders: [folder], config }) => [
        folder,
        config.naming.versionedPrefix,
        config.encoding,
        config.locations.from,
      ]),
      [
        ['/w/one', 'V', 'UTF-16', '/w/pom.xml (execution one)'],
        ['/w/two', 'M', 'UTF-16', '/w/pom.xml (execution two)'],
        ['/w/three', 'V', 'UTF-16', '/w/pom.xml (profile three)'],
      ],
    );
    assert.deepEqual(
      projects.flatMap(({ problems }) => problems),
      [],
    );
  });

  it('that is broken is a problem with its place, and hides nothing', async () => {
    const project = await first({
      '/w/pom.xml': '<project><a></b></project>',
      '/w/src/main/resources/db/migration/V1__x.sql': '',
    });
    assert.match(project.problems.join(), /^\/w\/pom\.xml: /);
    assert.equal(project.migrationFolders.length, 1);
  });
});

describe('build.gradle', () => {
  it('in Groovy: lists, maps, variables, folders, comments', async () => {
    const { config } = await first({
      '/w/build.gradle': `plugins { id 'org.flywaydb.flyway' version '9.0' }
def changes = "db/changes" // one
flyway {
    url = 'jdbc:postgresql://localhost:5432/x' /* table = 'no' */
    locations = [
        "filesystem:$projectDir/src/main/resources/\${changes}",
        "filesystem:\${rootProject.projectDir}/extra"
    ]
    placeholders = ['owner': 'app', region : "eu"]
    sqlMigrationPrefix 'M'
    validateMigrationNaming = true
    // mixed = true
    schemas = ['shop', 'audit'] as String[]
}
task other { table = 'no' }`,
      '/w/src/main/resources/db/changes/M1__x.sql': '',
    });
    assert.deepEqual(config.locations.value, ['filesystem:/w/src/main/resources/db/changes', 'filesystem:/w/extra']);
    assert.deepEqual(Object.fromEntries(config.placeholders), { owner: 'app', region: 'eu' });
    assert.deepEqual(
      [config.naming.versionedPrefix, config.validateMigrationNaming, config.mixed, config.defaultSchema, config.table],
      ['M', true, false, 'shop', 'flyway_schema_history'],
    );
    assert.equal(config.database.value, 'postgresql');
  });

  it('in Kotlin, with set() and mapOf(), and properties that outrank it', async () => {
    const { config } = await first({
      '/w/build.gradle.kts': `val dir: String = "filesystem:db/kt"
flyway {
    locations.set(listOf(dir, "\${project.projectDir}/nothing", "filesystem:db/kt2"))
    placeholders = mapOf("owner" to "app", "x.y" to "z")
    encoding = "UTF-16"
    mixed.set(true)
    undoSqlMigrationPrefix = "D"
}
dependencies { runtimeOnly("org.postgresql:postgresql") ; testRuntimeOnly("com.h2database:h2") }`,
      '/w/gradle.properties': 'flyway.encoding=ISO-8859-1\norg.gradle.jvmargs=-Xmx1g',
      '/w/db/kt2/V1__x.sql': '',
    });
    assert.deepEqual(config.locations.value.at(-1), 'filesystem:db/kt2');
    assert.deepEqual(Object.fromEntries(config.placeholders), { owner: 'app', 'x.y': 'z' });
    assert.deepEqual([config.encoding, config.mixed, config.naming.undoPrefix], ['ISO-8859-1', true, 'D']);
    assert.deepEqual(config.database, { value: 'postgresql', from: '/w/build.gradle.kts (dependencies)' });
  });

  it('with tasks of their own', async () => {
    const projects = await find({
      '/w/build.gradle.kts': `tasks.register<org.flywaydb.gradle.task.FlywayMigrateTask>("migrateStock") { locations = arrayOf("filesystem:stock") }
val migrateAudit by tasks.registering(FlywayMigrateTask::class) { locations = arrayOf("filesystem:audit") }
flyway { locations = arrayOf("filesystem:shop") }`,
      '/w/stock/V1__x.sql': '',
      '/w/audit/V1__x.sql': '',
      '/w/shop/V1__x.sql': '',
    });
    assert.deepEqual(
      projects.map(({ migrationFolders }) => migrationFolders),
      [['/w/shop'], ['/w/stock'], ['/w/audit']],
    );
    const shown = projects[0]?.config.shown.map(({ name }) => name) ?? [];
    assert.ok(!shown.includes('arrayOf'), 'a function is no setting');
  });
});

describe('the configuration of an application', () => {
  const at = (file: string): string => `/w/src/main/resources/${file}`;

  it('has profiles, groups and expressions', async () => {
    const files = {
      [at('application.yml')]: `spring:
  profiles: { active: local, group: { local: "pg, demo" } }
  flyway: { locations: "classpath:a" }
---
spring: { config: { activate: { on-profile: "pg & !prod" } }, flyway: { locations: [ "classpath:a", "classpath:b" ] } }
---
spring: { config: { activate: { on-profile: "prod | (pg & none)" } }, flyway: { locations: "classpath:c" } }`,
      [at('application-demo.properties')]:
        'spring.flyway.placeholders.owner=\\u0061pp\nspring.flyway.sql-migration-prefix=M',
      [at('a/M1__x.sql')]: '',
      [at('b/M2__x.sql')]: '',
      [at('c/V1__x.sql')]: '',
    };
    assert.deepEqual(await folders(files), [at('a'), at('b')]);
    const { config } = await first(files);
    assert.deepEqual([config.placeholders.get('owner'), config.naming.versionedPrefix], ['app', 'M']);
    assert.deepEqual(await folders(files, { SPRING_PROFILES_ACTIVE: 'prod' }), [at('c')]);
  });

  it('names the vendor by the url, through wrappers, and takes PostgreSQL for an embedded one without scripts', async () => {
    const of = (url: string): Promise<FlywayProject> =>
      first({
        [at('application.yml')]: `spring:\n  flyway.locations: classpath:db/{vendor}\n  datasource:\n    url: ${url}\n`,
        [at('db/postgresql/V1__x.sql')]: '',
        [at('db/mysql/V1__x.sql')]: '',
      });
    assert.deepEqual((await of('jdbc:tc:postgresql:16:///x')).migrationFolders, [at('db/postgresql')]);
    assert.deepEqual((await of('"${DB_URL:jdbc:mysql://h/x}"')).migrationFolders, [at('db/mysql')]);
    assert.deepEqual((await of('jdbc:h2:mem:x')).migrationFolders, [at('db/postgresql')]);
  });

  it('names the schema by its own setting, by the first of the schemas, else by the url', async () => {
    const url = 'spring.datasource.url=jdbc:postgresql://h/x?ssl=true&currentSchema=core,public\n';
    const of = async (more: string): Promise<string | undefined> =>
      (await first({ [at('application.properties')]: url + more, [at('db/migration/V1__x.sql')]: '' })).config
        .defaultSchema;
    assert.equal(await of(''), 'core');
    assert.equal(await of('spring.flyway.schemas=a,b'), 'a');
    assert.equal(await of('spring.flyway.schemas=a,b\nspring.flyway.default-schema=b'), 'b');
    assert.equal(await of('spring.flyway.schemas=${NOBODY_KNOWS}'), undefined);
    assert.equal(await of('spring.flyway.init-sqls=SET search_path TO "audit", public'), 'audit');
    assert.equal(await of('spring.datasource.hikari.connection-init-sql=SET search_path = shop'), 'shop');
  });

  it('may hold what a build fills in, and a broken document beside good ones', async () => {
    const { config } = await first({
      [at('application.yml')]:
        'spring:\n  profiles:\n    active: @activatedProperties@\n  flyway:\n    table: mine\n---\na: [\n',
      [at('db/migration/V1__x.sql')]: '',
    });
    assert.equal(config.table, 'mine');
  });

  it('of Quarkus and Micronaut is read too', async () => {
    assert.deepEqual(
      await folders({
        [at('application.properties')]:
          'quarkus.flyway.locations=db/main\nquarkus.flyway.users.locations=db/users\n%prod.quarkus.flyway.table=h\n%test.quarkus.flyway.table=t',
        [at('db/main/V1__x.sql')]: '',
        [at('db/users/V1__x.sql')]: '',
      }),
      [at('db/main'), at('db/users')],
    );
    const [main, users] = await find({
      [at('application.properties')]:
        'quarkus.flyway.locations=db/main\nquarkus.flyway.sql-migration-prefix=X\nquarkus.flyway.placeholders."a.b"=1\nquarkus.flyway.placeholders.schema=app\nquarkus.flyway.users.locations=db/users\nquarkus.flyway.users.placeholders.c=2',
      [at('db/main/X1__x.sql')]: '',
      [at('db/users/V1__x.sql')]: '',
    });
    assert.deepEqual(Object.fromEntries(main?.config.placeholders ?? []), { 'a.b': '1', schema: 'app' });
    // A named data source has Flyway's defaults, not what the first one is told.
    assert.equal(users?.config.naming.versionedPrefix, 'V');
    assert.deepEqual(Object.fromEntries(users.config.placeholders), { c: '2' });
    assert.deepEqual(
      await folders({
        [at('application.yml')]: 'flyway: { datasources: { default: { locations: "classpath:changes" } } }',
        [at('changes/V1__x.sql')]: '',
      }),
      [at('changes')],
    );
  });
});

describe('folders of several databases', () => {
  it('are one project each where nothing chooses, PostgreSQL first', async () => {
    const root = '/w/src/main/resources/db/migration';
    const projects = await find({
      [`${root}/mysql/V1__x.sql`]: '',
      [`${root}/postgresql/V1__x.sql`]: '',
      [`${root}/V2__y.sql`]: '',
    });
    assert.deepEqual(
      projects.map(({ migrationFolders, excludedFolders, config }) => [
        config.database.value,
        migrationFolders,
        excludedFolders,
      ]),
      [
        ['postgresql', [root], [`${root}/mysql`]],
        ['mysql', [`${root}/mysql`], []],
      ],
    );
  });

  it('name their database where nothing else does', async () => {
    const { config } = await first({
      '/w/flyway.conf': 'flyway.locations=filesystem:db/sqlserver',
      '/w/db/sqlserver/V1__x.sql': '',
    });
    assert.deepEqual(config.database, { value: 'sqlserver', from: 'the name of the location' });
  });

  it('of a container stand beside the configuration', async () => {
    assert.deepEqual(
      await folders({ '/w/flyway.conf': 'flyway.locations=filesystem:/flyway/sql', '/w/sql/V1__x.sql': '' }),
      ['/w/sql'],
    );
  });
});
