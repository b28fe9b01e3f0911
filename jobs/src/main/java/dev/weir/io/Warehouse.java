package dev.weir.io;

import java.io.IOException;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Driver;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where the warehouse is and how to get in. Names the place of the password, never holds it: the password is read where a
 * connection is opened, so it stands in no job graph, no argument and no log.
 *
 * @param url {@code jdbc:postgresql://host:port/database}, parameters only from {@link #PARAMETERS}
 * @param user the login, a member of {@code weir_writer}
 * @param passwordFile file with the password, or null
 * @param passwordEnv environment variable with the password, or null; with neither no password is sent
 */
public record Warehouse(
        String url,
        String user,
        @Nullable String passwordFile,
        @Nullable String passwordEnv) implements Serializable {
    /** What a URL may say beside host and database: the rest can load classes, write files or weaken the connection. */
    public static final Set<String> PARAMETERS =
            Set.of("sslmode", "sslrootcert", "sslcert", "sslkey", "channelBinding", "targetServerType", "gssEncMode");

    private static final int CONNECT_SECONDS = 5;
    /** Longer than any statement may take, so that only a silent server runs into it. */
    private static final int SOCKET_SECONDS = 30;

    private static final String SESSION = "-c statement_timeout=20000 -c lock_timeout=10000 -c TimeZone=UTC";

    /** Opens a connection; the driver is named, not looked up, since a lookup fails under Flink's class loading. */
    public Connection connect() throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        String password = password();
        if (password != null) {
            properties.setProperty("password", password);
        }
        properties.setProperty("ApplicationName", "weir");
        properties.setProperty("connectTimeout", Integer.toString(CONNECT_SECONDS));
        properties.setProperty("socketTimeout", Integer.toString(SOCKET_SECONDS));
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("prepareThreshold", "0"); // a pooler between may lose prepared statements
        properties.setProperty("options", SESSION);
        Connection connection = driver().connect(checkedUrl(), properties);
        if (connection == null) {
            throw new SQLException("not a PostgreSQL URL: " + url + " (write jdbc:postgresql://host:port/database)");
        }
        return connection;
    }

    /** Whether a login reads the views of {@code bi}, as readers do; else it may read the tables beneath, as the jobs do. */
    public static boolean readsViews(Connection connection) throws SQLException {
        try (Statement asking = connection.createStatement();
                ResultSet may = asking.executeQuery("SELECT has_schema_privilege('bi', 'USAGE')")) {
            may.next();
            return may.getBoolean(1);
        }
    }

    /** A number for this submission, greater than that of every submission before: once, by the client. */
    public long drawEpoch() throws IOException {
        try (Connection connection = connect();
                Statement statement = connection.createStatement();
                ResultSet drawn = statement.executeQuery("SELECT nextval('weir.submission_epoch')")) {
            drawn.next();
            return drawn.getLong(1);
        } catch (SQLException failure) {
            throw new IOException(explain(failure), failure);
        }
    }

    /** The failure with what to do about it. */
    public String explain(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        String mend =
                switch (state) {
                    case "42P01", "3F000", "42703", "42P10" -> "its tables are missing or old: run `weir migrate`";
                    case "42501" -> "user " + user + " may not: GRANT weir_writer TO " + user;
                    case "28P01", "28000" -> "check user " + user + " and its password";
                    case "3D000" -> "create the database first";
                    default -> state.startsWith("08") ? "is it up, and are host and port right?" : "SQLSTATE " + state;
                };
        return "warehouse " + url + ": " + failure.getMessage() + " (" + mend + ")";
    }

    /** The password as it is now, or null when none is named. */
    public @Nullable String password() throws SQLException {
        if (passwordFile != null) {
            try {
                return Files.readString(Path.of(passwordFile), StandardCharsets.UTF_8)
                        .strip();
            } catch (IOException failure) {
                throw new SQLException("cannot read the password file " + passwordFile, "28000", failure);
            }
        }
        if (passwordEnv == null) {
            return null;
        }
        String password = System.getenv(passwordEnv);
        if (password == null) {
            throw new SQLException("the environment variable " + passwordEnv + " (password_env) is not set", "28000");
        }
        return password;
    }

    /** By name: its class drags annotations into the compilation that are not there to be read. */
    private static Driver driver() throws SQLException {
        try {
            return Class.forName("org.postgresql.Driver")
                    .asSubclass(Driver.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException failure) {
            throw new SQLException("the PostgreSQL driver is missing from the jar", failure);
        }
    }

    private String checkedUrl() throws SQLException {
        int question = url.indexOf('?');
        if (question >= 0) {
            for (String parameter : url.substring(question + 1).split("&", -1)) {
                String name = parameter.substring(0, Math.max(0, parameter.indexOf('=')));
                if (!PARAMETERS.contains(name)) {
                    throw new SQLException(
                            "parameter '" + name + "' in the URL of the warehouse is not one of " + PARAMETERS,
                            "08001");
                }
            }
        }
        return url;
    }
}
