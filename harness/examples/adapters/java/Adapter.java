// An orgtwin adapter in plain Java 17+: no packages, no build tool.
//
// It is a whole little Okta client (tokens, proofs of possession, calls, pages, rate limits) behind the adapter
// protocol: one JSON request a line on stdin, one JSON reply a line on stdout. Around a real SDK only `Client` would be
// smaller: `token`, `call` and `listAll` are what you replace.
//
//     javac -d . Adapter.java
//     orgtwin client lint stdio -- java -cp . Adapter
//     orgtwin test --client stdio -- java -cp . Adapter

import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManagerFactory;

public final class Adapter {
    static final List<String> CAPABILITIES = List.of(
        "auth.private_key_jwt", "auth.client_secret_basic", "auth.none", "auth.ssws", "alg.ES256",
        "grant.authorization_code", "dpop", "list_all", "forget_token", "clock.inject", "tls");
    /** At one request that is rate limited, or that an ill org answers. */
    static final int ATTEMPTS = 4;
    /** Seconds of one wait; an org that asks for more is reported to the caller. */
    static final long LONGEST = 7200;
    /** Seconds before its end at which a token is replaced. */
    static final long EARLY = 60;

    static final SecureRandom RANDOM = new SecureRandom();

    /** The client's own negative result: what the caller of an SDK would see as its error. */
    @SuppressWarnings("serial") // never serialized
    static final class Refused extends Exception {
        final Map<String, Object> reply = new LinkedHashMap<>();

        Refused(String reason, String message, Integer status, Object code) {
            super(message);
            Map<String, Object> error = new LinkedHashMap<>();
            error.put("message", message);
            if (code != null) error.put("code", code);
            reply.put("outcome", "refused");
            reply.put("reason", reason);
            reply.put("error", error);
            if (status != null) reply.put("status", status);
        }

        Refused(String reason, String message) {
            this(reason, message, null, null);
        }
    }

    /** The client's own clock. The suite may move it: then who waits goes on from the new time. */
    static final class Clock {
        private long ahead;

        synchronized long now() {
            return (System.currentTimeMillis() + ahead) / 1000;
        }

        synchronized void advance(long ms) {
            ahead += ms;
            notifyAll();
        }

        /** How far it was moved so far. */
        synchronized long mark() {
            return ahead;
        }

        /** Waits; what the clock was moved since {@code mark} counts as waited already. */
        synchronized void sleep(long ms, long mark) throws InterruptedException {
            long until = System.currentTimeMillis() + mark + ms;
            for (long left; (left = until - System.currentTimeMillis() - ahead) > 0; ) wait(left);
        }
    }

    record Answer(HttpResponse<byte[]> response) {
        static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

        int status() {
            return response.statusCode();
        }

        String text() {
            return new String(response.body(), StandardCharsets.UTF_8);
        }

        /** The first line of that name; an empty text if there is none. */
        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }

        Object json() throws Refused {
            if (!header("content-type").split(";")[0].trim().equalsIgnoreCase("application/json")) {
                throw new Refused("validation", "the answer is not application/json");
            }
            try {
                return Json.parse(text());
            } catch (IllegalArgumentException error) {
                throw new Refused("validation", "the answer is not JSON: " + error.getMessage());
            }
        }

        /** Okta's error, OAuth's, or what the challenge says when the body is empty. */
        Refused refusal(String reason) {
            Map<String, Object> body = Map.of();
            try {
                if (Json.parse(text()) instanceof Map<?, ?> found) body = Json.object(found);
            } catch (IllegalArgumentException notJson) {
                // Not every refusal has a body.
            }
            Map<String, Object> challenge = new LinkedHashMap<>();
            Matcher parts = PARAMETER.matcher(header("www-authenticate"));
            while (parts.find()) challenge.put(parts.group(1), parts.group(2));
            Object code = first(body.get("errorCode"), body.get("error"), challenge.get("error"));
            Object message =
                first(body.get("errorSummary"), body.get("error_description"), challenge.get("error_description"), "");
            return new Refused(reason, String.valueOf(message), status(), code);
        }

        Refused refusal() {
            return refusal("http_status");
        }
    }

    static Object first(Object... values) {
        return Arrays.stream(values).filter(value -> value != null).findFirst().orElse(null);
    }

    // ---- the client ------------------------------------------------------------------------------------------------

    static final class Client {
        final Map<String, Object> config;
        final Map<String, Object> auth;
        final Clock clock;
        final String org;
        final HttpClient http;
        final PrivateKey key;
        final KeyPair proofs;
        String nonce;
        Map<String, Object> cached;
        long cachedUntil;
        String refreshToken;

        Client(Map<String, Object> config, Clock clock) throws Refused, GeneralSecurityException, IOException {
            this.config = config;
            this.clock = clock;
            auth = Json.object(config.get("auth"));
            org = (String) config.get("org_url");
            HttpClient.Builder builder =
                HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(30));
            if (config.get("ca_pem") instanceof String pem) builder.sslContext(trusting(pem));
            if (config.get("proxy") instanceof String proxy) {
                URI address = URI.create(proxy);
                builder.proxy(ProxySelector.of(new InetSocketAddress(address.getHost(), address.getPort())));
            }
            http = builder.build();
            key = auth.get("private_key_pem") instanceof String pem ? privateKey(pem, alg()) : null;
            proofs = Boolean.TRUE.equals(config.get("dpop")) ? newKey() : null;
        }

        String alg() throws Refused {
            String alg = (String) auth.getOrDefault("alg", "RS256");
            if (!Set.of("RS256", "ES256").contains(alg)) throw new Refused("config", "cannot sign " + alg);
            return alg;
        }

        List<String> scopes() {
            return ((List<?>) config.get("scopes")).stream().map(String::valueOf).toList();
        }

        /**
         * Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A
         * write that is not {@code repeatable} is only repeated when the org says that it did nothing (503): nobody knows
         * what became of a lost one.
         */
        Answer send(RequestMaker maker, boolean repeatable) throws Exception {
            for (int attempt = 1; ; attempt++) {
                HttpRequest.Builder building = maker.make();
                HttpRequest request = building.timeout(Duration.ofSeconds(30))
                    .header("User-Agent", "orgtwin-java-adapter/1").header("Accept", "application/json").build();
                boolean harmless = repeatable || request.method().equals("GET") || request.method().equals("HEAD");
                boolean last = attempt == ATTEMPTS;
                long mark = clock.mark();
                Answer answer;
                try {
                    answer = new Answer(http.send(request, BodyHandlers.ofByteArray()));
                } catch (SSLException error) {
                    throw new Refused("tls", String.valueOf(error.getMessage()));
                } catch (IOException error) {
                    if (last || !harmless) throw new Refused("transport", String.valueOf(error.getMessage()));
                    Thread.sleep(50L << attempt);
                    continue;
                }
                int status = answer.status();
                if (status == 503 || (harmless && Set.of(500, 502, 504).contains(status))) {
                    if (last) return answer;
                    Thread.sleep(50L << attempt);
                    continue;
                }
                if (status != 429) return answer;
                // Both times are the org's own: the clock of this machine does not matter.
                long wait;
                try {
                    long reset = Long.parseLong(answer.header("x-rate-limit-reset").trim());
                    wait = Math.max(0, reset - seconds(answer.header("date"))) + 1;
                } catch (RuntimeException unreadable) {
                    wait = Long.MAX_VALUE;
                }
                if (last || wait > LONGEST) throw answer.refusal("retries_exhausted");
                clock.sleep(wait * 1000, mark);
            }
        }

        Answer get(String url) throws Exception {
            return send(() -> HttpRequest.newBuilder(URI.create(url)), true);
        }

        Map<String, Object> token() throws Exception {
            if (cached != null && clock.now() < cachedUntil - EARLY) return cached;
            if (auth.get("method").equals("ssws")) {
                throw new Refused("config", "an API token is no OAuth client: there is no token to get");
            }
            long asked = clock.now();
            Map<String, Object> answer;
            if (config.get("sign_in") instanceof Map<?, ?> person) {
                answer = tokenOf(Json.object(person));
            } else {
                Map<String, String> form = new LinkedHashMap<>();
                form.put("grant_type", "client_credentials");
                answer = grant(withScope(form));
            }
            String kind = String.valueOf(answer.get("token_type"));
            if (!kind.equalsIgnoreCase("bearer") && !(proofs != null && kind.equalsIgnoreCase("dpop"))) {
                throw new Refused("validation", "a token of the type " + kind + " was not asked for");
            }
            cached = answer;
            cachedUntil = asked + ((Number) answer.get("expires_in")).longValue();
            return answer;
        }

        Map<String, String> withScope(Map<String, String> fields) {
            if (!scopes().isEmpty()) fields.put("scope", String.join(" ", scopes()));
            return fields;
        }

        /** A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for one. */
        Map<String, Object> grant(Map<String, String> form) throws Exception {
            String url = org + "/oauth2/v1/token";
            // A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
            boolean repeatable = form.get("grant_type").equals("client_credentials");
            for (boolean last = false; ; last = true) {
                Answer answer = send(() -> tokenRequest(url, form), repeatable);
                String given = answer.header("dpop-nonce");
                if (proofs != null && !given.isEmpty()) nonce = given;
                if (answer.status() == 200) return Json.object(answer.json());
                Refused refused = answer.refusal();
                Object code = Json.object(refused.reply.get("error")).get("code");
                if (last || proofs == null || given.isEmpty() || !"use_dpop_nonce".equals(code)) throw refused;
            }
        }

        HttpRequest.Builder tokenRequest(String url, Map<String, String> form) throws Exception {
            Map<String, String> fields = new LinkedHashMap<>(form);
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
            String id = (String) config.get("client_id");
            switch ((String) auth.get("method")) {
                case "private_key_jwt" -> {
                    fields.put("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                    fields.put("client_assertion", assertion(id, url));
                }
                case "none" -> fields.put("client_id", id);
                default -> {
                    String pair = encoded(id) + ":" + encoded((String) auth.get("client_secret"));
                    String basic = Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
                    request.header("Authorization", "Basic " + basic);
                }
            }
            if (proofs != null) request.header("DPoP", proof("POST", url, null));
            return request.header("Content-Type", "application/x-www-form-urlencoded")
                .POST(BodyPublishers.ofString(query(fields)));
        }

        String assertion(String id, String audience) throws Exception {
            Map<String, Object> header = new LinkedHashMap<>();
            header.put("alg", alg());
            header.put("typ", "JWT");
            if (auth.get("kid") != null) header.put("kid", auth.get("kid"));
            long now = clock.now();
            return jwt(header, Map.of("iss", id, "sub", id, "aud", audience, "iat", now, "exp", now + 300, "jti", fresh()), key);
        }

        /** A proof for one request: with the nonce for the token endpoint, with the token's digest for the API. */
        String proof(String method, String url, String token) throws Exception {
            ECPublicKey point = (ECPublicKey) proofs.getPublic();
            Map<String, Object> jwk = new LinkedHashMap<>();
            jwk.put("kty", "EC");
            jwk.put("crv", "P-256");
            jwk.put("x", base64url(fixed(point.getW().getAffineX())));
            jwk.put("y", base64url(fixed(point.getW().getAffineY())));
            Map<String, Object> claims = new LinkedHashMap<>();
            claims.put("htm", method);
            claims.put("htu", url.split("[?#]")[0]);
            claims.put("iat", clock.now());
            claims.put("jti", fresh());
            if (token != null) claims.put("ath", base64url(sha256(token)));
            else if (nonce != null) claims.put("nonce", nonce);
            return jwt(Map.of("alg", "ES256", "typ", "dpop+jwt", "jwk", jwk), claims, proofs.getPrivate());
        }

        // A person's token: the browser is played without a window.

        Map<String, Object> tokenOf(Map<String, Object> person) throws Exception {
            if (refreshToken != null) {
                try {
                    return keep(grant(Map.of("grant_type", "refresh_token", "refresh_token", refreshToken)), null);
                } catch (Refused refused) {
                    // A user who is given too many tokens is told invalid_grant, too, with 429.
                    Object code = Json.object(refused.reply.get("error")).get("code");
                    if (!Integer.valueOf(400).equals(refused.reply.get("status")) || !"invalid_grant".equals(code)) {
                        throw refused;
                    }
                    refreshToken = null; // the person has to sign in again
                }
            }
            String nonce = scopes().contains("openid") ? fresh() : null;
            String verifier = fresh();
            Map<String, String> form = new LinkedHashMap<>();
            form.put("grant_type", "authorization_code");
            form.put("code", code(person, nonce, verifier));
            form.put("redirect_uri", (String) person.get("redirect_uri"));
            form.put("code_verifier", verifier);
            return keep(grant(form), nonce);
        }

        Map<String, Object> keep(Map<String, Object> answer, String nonce) throws Exception {
            if (answer.get("id_token") instanceof String idToken) checkIdToken(idToken, nonce);
            else if (nonce != null) throw new Refused("validation", "the org sent no ID token");
            if (answer.get("refresh_token") instanceof String next) refreshToken = next;
            return answer;
        }

        String code(Map<String, Object> person, String nonce, String verifier) throws Exception {
            String redirect = (String) person.get("redirect_uri");
            String state = fresh();
            Object prompt = person.get("prompt");
            Map<String, String> asked = new LinkedHashMap<>();
            asked.put("client_id", (String) config.get("client_id"));
            asked.put("response_type", "code");
            asked.put("redirect_uri", redirect);
            asked.put("state", state);
            asked.put("code_challenge", base64url(sha256(verifier)));
            asked.put("code_challenge_method", "S256");
            withScope(asked);
            if (nonce != null) asked.put("nonce", nonce);
            if (prompt != null) asked.put("prompt", (String) prompt);
            if (!"none".equals(prompt)) asked.put("sessionToken", sessionToken(person));
            Answer answer = get(org + "/oauth2/v1/authorize?" + query(asked));
            if (answer.status() >= 400) throw answer.refusal();
            String[] target = answer.header("location").split("\\?", 2);
            if (!Set.of(302, 303).contains(answer.status()) || !target[0].equals(redirect) || target.length < 2) {
                throw new Refused("validation", "the org does not send the person back to the client");
            }
            Map<String, String> back = new LinkedHashMap<>();
            for (String pair : target[1].split("&")) {
                String[] parts = pair.split("=", 2);
                back.put(decoded(parts[0]), parts.length > 1 ? decoded(parts[1]) : "");
            }
            if (!state.equals(back.get("state"))) {
                throw new Refused("validation", "the state of the answer is not that of the request");
            }
            if (back.containsKey("error")) {
                throw new Refused("http_status", back.getOrDefault("error_description", ""), null, back.get("error"));
            }
            if (!back.containsKey("code")) {
                throw new Refused("validation", "the answer has neither a code nor an error");
            }
            return back.get("code");
        }

        String sessionToken(Map<String, Object> person) throws Exception {
            Map<String, Object> named = new LinkedHashMap<>();
            named.put("username", person.get("login"));
            named.put("password", person.get("password"));
            Answer answer = send(() -> HttpRequest.newBuilder(URI.create(org + "/api/v1/authn"))
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(Json.text(named))), false);
            if (answer.status() != 200) throw answer.refusal();
            Map<String, Object> said = Json.object(answer.json());
            if (!"SUCCESS".equals(said.get("status"))) {
                throw new Refused("validation", "the person cannot sign in", null, said.get("status"));
            }
            return (String) said.get("sessionToken");
        }

        void checkIdToken(String token, String nonce) throws Exception {
            Answer answer = get(org + "/oauth2/v1/keys");
            if (answer.status() != 200) throw answer.refusal();
            String[] parts = token.split("\\.");
            Map<String, Object> header = Json.object(Json.parse(utf8(unbase64url(parts[0]))));
            boolean signed = false;
            for (Object found : (List<?>) Json.object(answer.json()).get("keys")) {
                Map<String, Object> jwk = Json.object(found);
                if (!jwk.get("kid").equals(header.get("kid")) || !"RS256".equals(header.get("alg"))) continue;
                Signature judge = Signature.getInstance("SHA256withRSA");
                judge.initVerify(KeyFactory.getInstance("RSA").generatePublic(new RSAPublicKeySpec(
                    new BigInteger(1, unbase64url((String) jwk.get("n"))),
                    new BigInteger(1, unbase64url((String) jwk.get("e"))))));
                judge.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
                signed = judge.verify(unbase64url(parts[2]));
            }
            if (!signed) throw new Refused("validation", "the ID token is not signed by the org");
            Map<String, Object> claims = Json.object(Json.parse(utf8(unbase64url(parts[1]))));
            Map<String, Object> expected = new LinkedHashMap<>();
            expected.put("iss", config.get("issuer"));
            expected.put("aud", config.get("client_id"));
            if (nonce != null) expected.put("nonce", nonce);
            for (Map.Entry<String, Object> one : expected.entrySet()) {
                if (!one.getValue().equals(claims.get(one.getKey()))) {
                    throw new Refused("validation", one.getKey() + " of the ID token is not the expected one");
                }
            }
            if (((Number) claims.get("exp")).longValue() < clock.now() - EARLY) {
                throw new Refused("validation", "the ID token has expired");
            }
        }

        /** An authenticated call; a token that is no longer accepted is replaced once. */
        Answer call(String method, String url, Object body) throws Exception {
            boolean apiToken = auth.get("method").equals("ssws");
            for (boolean last = apiToken; ; last = true) {
                Map<String, Object> token = apiToken ? null : token();
                Answer answer = send(() -> {
                    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url));
                    if (token == null) {
                        request.header("Authorization", "SSWS " + auth.get("api_token"));
                    } else {
                        String value = (String) token.get("access_token");
                        request.header("Authorization", token.get("token_type") + " " + value);
                        if ("dpop".equalsIgnoreCase((String) token.get("token_type"))) {
                            request.header("DPoP", proof(method, url, value));
                        }
                    }
                    if (body == null) return request.method(method, BodyPublishers.noBody());
                    request.header("Content-Type", "application/json");
                    return request.method(method, BodyPublishers.ofString(Json.text(body)));
                }, false);
                if (answer.status() >= 200 && answer.status() < 300) return answer;
                if (answer.status() != 401 || last) throw answer.refusal();
                cached = null;
            }
        }

        List<Object> listAll(String path, String key) throws Exception {
            Set<String> seen = new HashSet<>();
            List<Object> values = new ArrayList<>();
            for (String url = org + path; url != null; ) {
                if (!seen.add(url)) throw new Refused("validation", "the org handed out a page that was read already");
                if (!origin(url).equals(origin(org))) {
                    throw new Refused("validation", "the next page is at another origin");
                }
                Answer answer = call("GET", url, null);
                if (!(answer.json() instanceof List<?> page)) {
                    throw new Refused("validation", "the page is not a JSON array");
                }
                for (Object element : page) values.add(Json.object(element).get(key));
                url = nextPage(answer.response().headers().allValues("link"));
            }
            return values;
        }
    }

    /** Makes a request anew for each attempt. */
    interface RequestMaker {
        HttpRequest.Builder make() throws Exception;
    }

    static String origin(String url) {
        try {
            URI parts = URI.create(url);
            return parts.getScheme() + "://" + parts.getAuthority();
        } catch (IllegalArgumentException noAddress) {
            return "";
        }
    }

    static final Pattern LINK = Pattern.compile("<([^>]*)>((?:[^,\"]|\"[^\"]*\")*)");
    static final Pattern NEXT = Pattern.compile(";\\s*rel=\"?next\"?", Pattern.CASE_INSENSITIVE);

    static String nextPage(List<String> lines) {
        for (String line : lines) {
            Matcher links = LINK.matcher(line);
            while (links.find()) {
                if (NEXT.matcher(links.group(2)).find()) return links.group(1);
            }
        }
        return null;
    }

    static long seconds(String date) {
        return ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME).toEpochSecond();
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    static String query(Map<String, String> fields) {
        return fields.entrySet().stream().map(one -> encoded(one.getKey()) + "=" + encoded(one.getValue()))
            .collect(Collectors.joining("&"));
    }

    // ---- keys and signatures ---------------------------------------------------------------------------------------

    static SSLContext trusting(String pem) throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        byte[] bytes = pem.getBytes(StandardCharsets.US_ASCII);
        store.setCertificateEntry("org",
            CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(bytes)));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A key in PEM: PKCS#8, or PKCS#1, which Java reads only inside of PKCS#8. */
    static PrivateKey privateKey(String pem, String alg) throws Refused {
        try {
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[^-]*-----", ""));
            if (pem.contains("RSA PRIVATE KEY")) {
                byte[] octets = der(0x04, der);
                byte[] rsa = {0x30, 0x0d, 0x06, 0x09, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 0x0d, 1, 1, 1, 5, 0};
                byte[] members = new byte[3 + rsa.length + octets.length];
                System.arraycopy(new byte[] {2, 1, 0}, 0, members, 0, 3);
                System.arraycopy(rsa, 0, members, 3, rsa.length);
                System.arraycopy(octets, 0, members, 3 + rsa.length, octets.length);
                der = der(0x30, members);
            }
            String kind = alg.equals("ES256") ? "EC" : "RSA";
            return KeyFactory.getInstance(kind).generatePrivate(new PKCS8EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException error) {
            throw new Refused("config", "the private key cannot be read: " + error.getMessage());
        }
    }

    /** One DER value; its length takes two bytes, as every RSA key of 1024 bits and more does. */
    static byte[] der(int tag, byte[] body) {
        byte[] value = new byte[body.length + 4];
        value[0] = (byte) tag;
        value[1] = (byte) 0x82;
        value[2] = (byte) (body.length >> 8);
        value[3] = (byte) body.length;
        System.arraycopy(body, 0, value, 4, body.length);
        return value;
    }

    static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
        return generator.generateKeyPair();
    }

    static String jwt(Map<String, ?> header, Map<String, ?> claims, PrivateKey key) throws GeneralSecurityException {
        String signed = base64url(Json.text(header).getBytes(StandardCharsets.UTF_8)) + "."
            + base64url(Json.text(claims).getBytes(StandardCharsets.UTF_8));
        boolean curve = key.getAlgorithm().equals("EC");
        Signature signer = Signature.getInstance(curve ? "SHA256withECDSAinP1363Format" : "SHA256withRSA");
        signer.initSign(key);
        signer.update(signed.getBytes(StandardCharsets.US_ASCII));
        return signed + "." + base64url(signer.sign());
    }

    static byte[] fixed(BigInteger coordinate) {
        byte[] bytes = coordinate.toByteArray();
        byte[] result = new byte[32];
        int from = Math.max(0, bytes.length - 32);
        System.arraycopy(bytes, from, result, 32 - (bytes.length - from), bytes.length - from);
        return result;
    }

    static byte[] sha256(String text) throws GeneralSecurityException {
        return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.US_ASCII));
    }

    static String fresh() {
        byte[] bytes = new byte[32];
        RANDOM.nextBytes(bytes);
        return base64url(bytes);
    }

    static String base64url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static byte[] unbase64url(String text) {
        return Base64.getUrlDecoder().decode(text);
    }

    static String utf8(byte[] bytes) {
        return new String(bytes, StandardCharsets.UTF_8);
    }

    // ---- JSON: the standard library has none -----------------------------------------------------------------------

    static final class Json {
        private static final Pattern WORD = Pattern.compile("true|false|null|-?\\d+(\\.\\d+)?([eE][-+]?\\d+)?");

        private final String text;
        private int at;

        private Json(String text) {
            this.text = text;
        }

        /** Maps, lists, strings, longs or doubles, booleans, null. */
        static Object parse(String text) {
            Json json = new Json(text);
            Object value = json.value();
            if (json.next() != 0) throw json.wrong();
            return value;
        }

        @SuppressWarnings("unchecked")
        static Map<String, Object> object(Object value) {
            return value instanceof Map<?, ?> map ? (Map<String, Object>) map : Map.of();
        }

        private IllegalArgumentException wrong() {
            return new IllegalArgumentException("at character " + at);
        }

        /** The next character that is no space, which stays; 0 at the end. */
        private char next() {
            while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) at++;
            return at < text.length() ? text.charAt(at) : 0;
        }

        private void take(char expected) {
            if (next() != expected) throw wrong();
            at++;
        }

        private boolean took(char expected) {
            boolean is = next() == expected;
            if (is) at++;
            return is;
        }

        private Object value() {
            switch (next()) {
                case '{': {
                    Map<String, Object> map = new LinkedHashMap<>();
                    take('{');
                    if (took('}')) return map;
                    do {
                        next();
                        String name = string();
                        take(':');
                        map.put(name, value());
                    } while (took(','));
                    take('}');
                    return map;
                }
                case '[': {
                    List<Object> list = new ArrayList<>();
                    take('[');
                    if (took(']')) return list;
                    do list.add(value());
                    while (took(','));
                    take(']');
                    return list;
                }
                case '"':
                    return string();
                default: {
                    Matcher word = WORD.matcher(text).region(at, text.length());
                    if (!word.lookingAt()) throw wrong();
                    at = word.end();
                    String found = word.group();
                    if (found.equals("null")) return null;
                    if (found.equals("true") || found.equals("false")) return Boolean.valueOf(found);
                    return found.matches("-?\\d{1,18}") ? (Object) Long.valueOf(found) : (Object) Double.valueOf(found);
                }
            }
        }

        private String string() {
            take('"');
            StringBuilder read = new StringBuilder();
            for (; at < text.length(); at++) {
                char character = text.charAt(at);
                if (character == '"') {
                    at++;
                    return read.toString();
                }
                if (character != '\\') {
                    read.append(character);
                    continue;
                }
                if (++at >= text.length()) throw wrong();
                int known = "\"\\/bfnrt".indexOf(text.charAt(at));
                if (known >= 0) {
                    read.append("\"\\/\b\f\n\r\t".charAt(known));
                } else if (text.charAt(at) == 'u' && at + 4 < text.length()) {
                    read.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16));
                    at += 4;
                } else {
                    throw wrong();
                }
            }
            throw wrong();
        }

        static String text(Object value) {
            if (value instanceof Map<?, ?> map) {
                return map.entrySet().stream().map(one -> text(String.valueOf(one.getKey())) + ":" + text(one.getValue()))
                    .collect(Collectors.joining(",", "{", "}"));
            }
            if (value instanceof List<?> list) {
                return list.stream().map(Json::text).collect(Collectors.joining(",", "[", "]"));
            }
            if (!(value instanceof String string)) return String.valueOf(value);
            StringBuilder written = new StringBuilder("\"");
            for (char character : string.toCharArray()) {
                if (character == '"' || character == '\\') written.append('\\').append(character);
                else if (character < ' ') written.append(String.format("\\u%04x", (int) character));
                else written.append(character);
            }
            return written.append('"').toString();
        }
    }

    // ---- the protocol ----------------------------------------------------------------------------------------------

    private final Clock clock = new Clock();
    private final PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private Client client;

    private Map<String, Object> answer(Map<String, Object> request) throws Exception {
        Map<String, Object> reply = new LinkedHashMap<>();
        String op = (String) request.get("op");
        if (op.equals("hello")) {
            String language = "java " + System.getProperty("java.version");
            reply.put("protocol", 1);
            reply.put("client", Map.of("name", "java-adapter", "version", "1", "language", language));
            reply.put("capabilities", CAPABILITIES);
            return reply;
        }
        if (!Set.of("configure", "get_token", "call", "list_all", "forget_token", "bye").contains(op)) {
            return Map.of("outcome", "unsupported");
        }
        reply.put("outcome", "ok");
        if (op.equals("configure")) client = new Client(Json.object(request.get("client")), clock);
        if (op.equals("configure") || op.equals("bye")) return reply;
        if (client == null) throw new Refused("config", "not configured yet");
        switch (op) {
            case "get_token" -> {
                Map<String, Object> token = client.token();
                String scope = (String) token.getOrDefault("scope", "");
                reply.put("token_type", token.get("token_type"));
                reply.put("expires_in", client.cachedUntil - clock.now());
                reply.put("scope", Arrays.stream(scope.split(" ")).filter(one -> !one.isEmpty()).toList());
            }
            case "call" -> {
                String url = client.org + request.get("path");
                Answer answer = client.call((String) request.get("method"), url, request.get("body"));
                reply.put("status", answer.status());
                if (answer.response().body().length > 0) reply.put("body", answer.json());
            }
            case "list_all" -> {
                List<Object> values = client.listAll((String) request.get("path"), (String) request.get("key"));
                reply.put("count", values.size());
                reply.put("values", values);
            }
            default -> client.cached = null;
        }
        return reply;
    }

    private void say(Object id, Map<String, Object> reply) {
        Map<String, Object> whole = new LinkedHashMap<>();
        whole.put("id", id);
        whole.putAll(reply);
        synchronized (out) {
            out.println(Json.text(whole));
        }
    }

    private void work(Map<String, Object> request) {
        Map<String, Object> reply;
        try {
            reply = answer(request);
        } catch (Refused refused) {
            reply = refused.reply;
        } catch (Exception broken) { // a defect of this adapter, never a verdict on the client
            reply = Map.of("outcome", "error", "message", String.valueOf(broken));
        }
        say(request.get("id"), reply);
    }

    public static void main(String[] arguments) throws Exception {
        Adapter adapter = new Adapter();
        // Ops are worked off one after the other, but the clock is moved at once: an op may be waiting for it.
        ExecutorService worker = Executors.newSingleThreadExecutor();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = lines.readLine()) != null; ) {
            Map<String, Object> request = Json.object(Json.parse(line));
            if ("advance_clock".equals(request.get("op"))) {
                adapter.clock.advance(((Number) request.get("ms")).longValue());
                adapter.say(request.get("id"), Map.of("outcome", "ok"));
                continue;
            }
Future<?> done = worker.submit(() -> adapter.work(request));
            if ("bye".equals(request.get("op"))) {
                done.get();
                break;
            }
        }
        System.exit(0);
    }
}
