import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prints the ids of all users of an Okta org, one in each line, with what the JDK brings along. */
public class ListUsers {
    static final HttpClient HTTP = HttpClient.newHttpClient();

    public static void main(String[] args) throws Exception {
        String org = System.getenv("OKTA_ORG");
        String basic = Base64.getEncoder().encodeToString(
            (System.getenv("CLIENT_ID") + ":" + System.getenv("CLIENT_SECRET")).getBytes(StandardCharsets.UTF_8));
        String form = "grant_type=client_credentials&scope="
            + URLEncoder.encode(System.getenv("SCOPES"), StandardCharsets.UTF_8);
        String answer = send(HttpRequest.newBuilder(URI.create(org + "/oauth2/v1/token"))
            .header("Authorization", "Basic " + basic)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(form)).build()).body();
        String token = first(answer, "\"access_token\":\"([^\"]+)\"");
        String next = org + "/api/v1/users?limit=200";
        while (next != null) {
            HttpResponse<String> page = send(HttpRequest.newBuilder(URI.create(next))
                .header("Authorization", "Bearer " + token).build());
            Matcher ids = Pattern.compile("[{]\"id\":\"(00u[^\"]+)\"").matcher(page.body());
            while (ids.find()) System.out.println(ids.group(1));
            next = null;
            for (String link : page.headers().allValues("link")) {
                String url = first(link, "<([^>]+)>; rel=\"next\"");
                if (url != null) next = url;
            }
        }
    }

    static HttpResponse<String> send(HttpRequest request) throws Exception {
        HttpResponse<String> response = HTTP.send(request, HttpResponse.BodyHandlers.ofString());
        if (response.statusCode() >= 400) {
            System.err.println("HTTP status " + response.statusCode() + " " + response.body());
            System.exit(1);
        }
        return response;
    }

    static String first(String text, String pattern) {
        Matcher matcher = Pattern.compile(pattern).matcher(text);
        return matcher.find() ? matcher.group(1) : null;
    }
}
