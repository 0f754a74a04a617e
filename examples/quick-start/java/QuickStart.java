// An org, two kinds of tokens, users page by page, a fault, a rate limit, TLS: with what the JDK (17 or newer) brings along.
//
//     java QuickStart.java

import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

public class QuickStart {
    /** The running program. In JUnit: started in @BeforeAll, closed in @AfterAll. */
    static final class Twin implements AutoCloseable {
        final Process process;
        final String control;

        Twin() throws Exception {
            String program = System.getenv().getOrDefault("ORGTWIN", "orgtwin");
            Path ready = Files.createTempDirectory("quick-start").resolve("ready.json");
            process = new ProcessBuilder(program, "serve", "--listen", "127.0.0.1:0", "--ready-file", ready.toString())
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
            // The file appears whole, once the twin listens.
            while (!Files.exists(ready)) {
                if (!process.isAlive()) throw new IllegalStateException(program + " ended with " + process.exitValue());
                Thread.sleep(20);
            }
            control = text(Files.readString(ready), "control_url");
        }

        /** An org of its own for a test. In JUnit: in @BeforeEach. */
        Org newOrg() throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(control + "/orgs"))
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString("{\"tls\": true}")).build();
            return new Org(taken(HttpClient.newHttpClient(), request).body());
        }

        @Override
        public void close() {
            process.destroy();
        }
    }

    /** An org, and what a test does to it. A real test has a JSON library; here patterns will do. */
    record Org(String ready) {
        String url() {
            return text(ready, "base_url");
        }

        /** A member of a client: client_id, client_secret, kid, private_key_file. */
        String client(String name, String member) {
            return text(ready.substring(ready.indexOf("{\"name\":\"" + name + "\"")), member);
        }

        /** The next requests that match go wrong (docs/faults.md). */
        void fault(String match, String fault) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(control() + "/faults"))
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString("{\"match\": " + match + ", \"fault\": " + fault + "}")).build();
            taken(HttpClient.newHttpClient(), request);
        }

        /** The statuses of what the org was asked at a path and below, in order. */
        List<String> seen(String path) throws Exception {
            HttpRequest request = HttpRequest.newBuilder(URI.create(control() + "/ledger?path=" + path)).build();
            String ledger = taken(HttpClient.newHttpClient(), request).body();
            return all(ledger, "\"response\":[{]\"status\":(\\d+)");
        }

        String control() {
            return text(ready, "control_url") + "/orgs/" + text(ready, "name");
        }
    }

    /** The code under test: reads the users of an Okta org. */
    record Directory(HttpClient http, String org, String token) {
        /** An API service integration of the OIN: client id and secret, by HTTP Basic. */
        static Directory bySecret(HttpClient http, String org, String id, String secret) throws Exception {
            String basic = Base64.getEncoder().encodeToString((id + ":" + secret).getBytes());
            return withToken(http, org, HttpRequest.newBuilder().header("Authorization", "Basic " + basic), "");
        }

        /** A service app: an assertion that its private key signs. The audience is the token endpoint as it is called. */
        static Directory byKey(HttpClient http, String org, String id, String kid, String pem) throws Exception {
            long now = Instant.now().getEpochSecond();
            String head = "{\"alg\":\"RS256\",\"kid\":\"" + kid + "\"}";
            String claims = "{\"iss\":\"" + id + "\",\"sub\":\"" + id + "\",\"aud\":\"" + org + "/oauth2/v1/token\",\"iat\":" + now
                + ",\"exp\":" + (now + 300) + ",\"jti\":\"" + UUID.randomUUID() + "\"}";
            Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
            String signed = base64.encodeToString(head.getBytes()) + "." + base64.encodeToString(claims.getBytes());
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)));
            signature.update(signed.getBytes());
            return withToken(http, org, HttpRequest.newBuilder(),
                "&client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer&client_assertion="
                    + signed + "." + base64.encodeToString(signature.sign()));
        }

        private static Directory withToken(HttpClient http, String org, HttpRequest.Builder request, String form) throws Exception {
            request.uri(URI.create(org + "/oauth2/v1/token")).header("Content-Type", "application/x-www-form-urlencoded");
            request.POST(BodyPublishers.ofString("grant_type=client_credentials&scope=okta.users.read" + form));
            return new Directory(http, org, text(taken(http, request.build()).body(), "access_token"));
        }

        /** All users, page by page, as the `next` links lead. Who is told 429 waits until the window ends. */
        List<String> users() throws Exception {
            List<String> ids = new ArrayList<>();
            String next = org + "/api/v1/users?limit=100";
            while (next != null) {
                HttpRequest request =
                    HttpRequest.newBuilder(URI.create(next)).header("Authorization", "Bearer " + token).build();
                HttpResponse<String> page = http.send(request, BodyHandlers.ofString());
                if (page.statusCode() == 429) {
                    long reset = Long.parseLong(page.headers().firstValue("x-rate-limit-reset").orElseThrow());
                    String date = page.headers().firstValue("date").orElseThrow();
                    long now = ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
                    Thread.sleep((reset - now + 1) * 1000);
                    continue;
                }
                ids.addAll(all(expect2xx(page).body(), "[{]\"id\":\"(00u[^\"]+)\""));
                // Two Link lines: self and next.
                String links = String.join("\n", page.headers().allValues("link"));
                next = all(links, "<([^>]+)>; rel=\"next\"").stream().findFirst().orElse(null);
            }
            return ids;
        }
    }

    public static void main(String[] arguments) throws Exception {
        HttpClient http = HttpClient.newHttpClient();
        try (Twin twin = new Twin()) {
            Org org = twin.newOrg();
            String[] acmesync = {org.client("acmesync", "client_id"), org.client("acmesync", "client_secret")};
            expect("an integration reads all pages", 250,
                Directory.bySecret(http, org.url(), acmesync[0], acmesync[1]).users().size());
            expect("three pages", List.of("200", "200", "200"), org.seen("/api/v1/users"));

            String pem = Files.readString(Path.of(org.client("service", "private_key_file")));
            Directory service = Directory.byKey(
                http, org.url(), org.client("service", "client_id"), org.client("service", "kid"), pem);
            expect("a service app reads all pages", 250, service.users().size());

            org = twin.newOrg();
            Directory directory = Directory.bySecret(http, org.url(), acmesync[0], acmesync[1]);
            org.fault("{\"path\": \"/api/v1/users\", \"times\": 1}", "{\"status\": 503}");
            String told = "nothing";
            try {
                directory.users();
            } catch (IllegalStateException failure) {
                told = failure.getMessage().substring(0, 3);
            }
            expect("a failure of the org is told", "503", told);

            org = twin.newOrg();
            directory = Directory.bySecret(http, org.url(), acmesync[0], acmesync[1]);
            org.fault("{\"path\": \"/api/v1/users\", \"nth\": 2}", "{\"rate_limited\": {\"reset_in_seconds\": 1}}");
            expect("a rate limit is waited for", 250, directory.users().size());
            expect("one page twice", List.of("200", "429", "200", "200"), org.seen("/api/v1/users"));

            HttpClient trusting =
                HttpClient.newBuilder().sslContext(trusting(Path.of(text(org.ready(), "ca_file")))).build();
            String tls = text(org.ready(), "tls_base_url");
            expect("over TLS", 250, Directory.bySecret(trusting, tls, acmesync[0], acmesync[1]).users().size());
        }
    }

    /** Trusts one authority, and nothing else. */
    static SSLContext trusting(Path ca) throws Exception {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(ca)) {
            store.setCertificateEntry("orgtwin", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    static HttpResponse<String> taken(HttpClient http, HttpRequest request) throws Exception {
        return expect2xx(http.send(request, BodyHandlers.ofString()));
    }

    static HttpResponse<String> expect2xx(HttpResponse<String> response) {
        if (response.statusCode() / 100 == 2) return response;
        throw new IllegalStateException(response.statusCode() + " " + response.body());
    }

    static void expect(String what, Object wanted, Object found) {
        if (!wanted.equals(found)) throw new AssertionError(what + ": " + found + ", not " + wanted);
        System.out.println("ok: " + what);
    }

    /** The first member of that name in a JSON text. */
    static String text(String json, String member) {
        return all(json, "\"" + member + "\": ?\"([^\"]+)\"").get(0);
    }

    static List<String> all(String text, String pattern) {
        return Pattern.compile(pattern).matcher(text).results().map((MatchResult found) -> found.group(1)).toList();
    }
}
