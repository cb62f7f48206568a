import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.HikariPoolMXBean;
import com.zaxxer.hikari.metrics.IMetricsTracker;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** Real HikariCP pools behind addresses like Spring Boot's Actuator, with a control address to fill them. */
public class HikariApp {
    static final class Pool implements IMetricsTracker {
        final AtomicLong timeouts = new AtomicLong(), acquired = new AtomicLong(), acquiredNanos = new AtomicLong();
        final AtomicLong returned = new AtomicLong(), usedMillis = new AtomicLong();
        final ConcurrentLinkedDeque<Connection> held = new ConcurrentLinkedDeque<>();
        final HikariDataSource source = new HikariDataSource();

        Pool(String name, int max, String url, String user, String password) {
            source.setPoolName(name);
            source.setJdbcUrl(url + "&ApplicationName=" + name);
            source.setUsername(user);
            source.setPassword(password);
            source.setMaximumPoolSize(max);
            source.setMinimumIdle(2);
            source.setConnectionTimeout(3000);
            source.setMetricsTrackerFactory((pool, stats) -> this);
        }

        @Override public void recordConnectionAcquiredNanos(long nanos) {
            acquired.incrementAndGet();
            acquiredNanos.addAndGet(nanos);
        }
        @Override public void recordConnectionUsageMillis(long millis) {
            returned.incrementAndGet();
            usedMillis.addAndGet(millis);
        }
        @Override public void recordConnectionTimeout() { timeouts.incrementAndGet(); }

        /** By the name that follows `hikaricp.connections`; null is not known. */
        Map<String, Double> metric(String name) {
            HikariPoolMXBean bean = source.getHikariPoolMXBean();
            switch (name) {
                case "": return Map.of("VALUE", (double) bean.getTotalConnections());
                case ".active": return Map.of("VALUE", (double) bean.getActiveConnections());
                case ".idle": return Map.of("VALUE", (double) bean.getIdleConnections());
                case ".pending": return Map.of("VALUE", (double) bean.getThreadsAwaitingConnection());
                case ".max": return Map.of("VALUE", (double) source.getMaximumPoolSize());
                case ".min": return Map.of("VALUE", (double) source.getMinimumIdle());
                case ".timeout": return Map.of("COUNT", timeouts.doubleValue());
                case ".acquire": return Map.of("COUNT", acquired.doubleValue(), "TOTAL_TIME", acquiredNanos.get() / 1e9);
                case ".usage": return Map.of("COUNT", returned.doubleValue(), "TOTAL_TIME", usedMillis.get() / 1e3);
                default: return null;
            }
        }
    }

    static final Map<String, Pool> pools = new LinkedHashMap<>();

    public static void main(String[] args) throws Exception {
        String url = args[1] + "?socketTimeout=30&prepareThreshold=0";
        for (String spec : args[4].split(",")) {
            String[] part = spec.split(":");
            pools.put(part[0], new Pool(part[0], Integer.parseInt(part[1]), url, args[2], args[3]));
        }
        for (Pool pool : pools.values()) pool.source.getConnection().close();
        HttpServer server = HttpServer.create(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])), 0);
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/actuator/metrics", HikariApp::metrics);
        server.createContext("/text/actuator/prometheus", HikariApp::text);
        server.createContext("/text/actuator/health", HikariApp::health);
        server.createContext("/actuator/health", HikariApp::health);
        server.createContext("/control", HikariApp::control);
        server.start();
        System.out.println("listening");
    }

    static void metrics(HttpExchange exchange) throws java.io.IOException {
        String name = exchange.getRequestURI().getPath().substring("/actuator/metrics".length());
        String query = exchange.getRequestURI().getQuery();
        String wanted = query != null && query.startsWith("tag=pool:") ? query.substring("tag=pool:".length()) : null;
        if (!name.startsWith("/hikaricp.connections") || (wanted != null && !pools.containsKey(wanted))) {
            answer(exchange, 404, "application/json", "");
            return;
        }
        Map<String, Double> sums = new LinkedHashMap<>();
        for (Map.Entry<String, Pool> entry : pools.entrySet()) {
            if (wanted != null && !wanted.equals(entry.getKey())) continue;
            Map<String, Double> found = entry.getValue().metric(name.substring("/hikaricp.connections".length()));
            if (found == null) {
                answer(exchange, 404, "application/json", "");
                return;
            }
            found.forEach((statistic, value) -> sums.merge(statistic, value, Double::sum));
        }
        StringBuilder json = new StringBuilder("{\"name\":\"" + name.substring(1) + "\",\"measurements\":[");
        sums.forEach((statistic, value) -> json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
            .append("{\"statistic\":\"" + statistic + "\",\"value\":" + value + "}"));
        json.append("],\"availableTags\":[");
        if (wanted == null) {
            json.append("{\"tag\":\"pool\",\"values\":[\"" + String.join("\",\"", pools.keySet()) + "\"]}");
        }
        answer(exchange, 200, "application/vnd.spring-boot.actuator.v3+json", json.append("]}").toString());
    }

    static void text(HttpExchange exchange) throws java.io.IOException {
        StringBuilder text = new StringBuilder();
        for (String name : new String[] {"", ".active", ".idle", ".pending", ".max", ".min", ".timeout", ".acquire", ".usage"}) {
            String metric = "hikaricp_connections" + name.replace('.', '_');
            text.append("# HELP " + metric + " of a pool\n");
            pools.forEach((pool, value) -> value.metric(name).forEach((statistic, number) -> {
                boolean timer = name.equals(".acquire") || name.equals(".usage");
                String suffix = timer ? (statistic.equals("COUNT") ? "_seconds_count" : "_seconds_sum")
                    : name.equals(".timeout") ? "_total" : "";
                text.append(String.format(Locale.ROOT, "%s%s{pool=\"%s\",} %s%n", metric, suffix, pool, number));
            }));
        }
        answer(exchange, 200, "text/plain; version=0.0.4; charset=utf-8", text.toString());
    }

    static void health(HttpExchange exchange) throws java.io.IOException {
        boolean up = true;
        for (Pool pool : pools.values()) {
            try (Connection connection = pool.source.getConnection()) {
                up &= connection.isValid(1);
            } catch (java.sql.SQLException failure) {
                up = false;
            }
        }
        String status = up ? "UP" : "DOWN";
        answer(exchange, up ? 200 : 503, "application/json",
            "{\"status\":\"" + status + "\",\"components\":{\"db\":{\"status\":\"" + status + "\"}}}");
    }

    /** /control/POOL/hold/N borrows and keeps, wait/N asks in N threads, update/N waits for a row, release gives back. */
    static void control(HttpExchange exchange) throws java.io.IOException {
        String[] part = exchange.getRequestURI().getPath().split("/");
        Pool pool = pools.get(part[2]);
        int count = part.length > 4 ? Integer.parseInt(part[4]) : 0;
        try {
            if (part[3].equals("hold")) for (int i = 0; i < count; i++) pool.held.add(pool.source.getConnection());
            if (part[3].equals("wait")) for (int i = 0; i < count; i++) new Thread(() -> borrowOnce(pool)).start();
            if (part[3].equals("update")) for (int i = 0; i < count; i++) new Thread(() -> updateRow(pool)).start();
            if (part[3].equals("release")) for (Connection c; (c = pool.held.poll()) != null;) c.close();
            answer(exchange, 200, "text/plain", "done");
        } catch (java.sql.SQLException failure) {
            answer(exchange, 500, "text/plain", failure.getMessage());
        }
    }

    static void updateRow(Pool pool) {
        try (Connection connection = pool.source.getConnection()) {
            connection.createStatement().executeUpdate("UPDATE lock_chain SET n = n + 1 WHERE id = 1");
        } catch (java.sql.SQLException expected) {
            // Ends with the lock chain.
        }
    }

    static void borrowOnce(Pool pool) {
        try {
            pool.source.getConnection().close();
        } catch (java.sql.SQLException expected) {
            // A time-out is what the caller wants to count.
        }
    }

    static void answer(HttpExchange exchange, int status, String type, String body) throws java.io.IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        if (bytes.length > 0) exchange.getResponseBody().write(bytes);
        exchange.close();
    }
}
