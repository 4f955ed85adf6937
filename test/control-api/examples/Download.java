import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Tests of Java's own FTP client: java Download.java */
public class Download {
    static final HttpClient http = HttpClient.newHttpClient();

    static String control(String method, String path, String json) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(System.getenv("FTP_CONTROL_URL") + path))
                .header("Authorization", "Bearer " + System.getenv("FTP_CONTROL_TOKEN"))
                .header("Content-Type", "application/json")
                .method(method, json == null ? BodyPublishers.noBody() : BodyPublishers.ofString(json))
                .build();
        HttpResponse<String> answer = http.send(request, BodyHandlers.ofString());
        if (answer.statusCode() >= 400) throw new AssertionError(answer.body());
        return answer.body();
    }

    static byte[] download(String path) throws IOException {
        try (var stream = URI.create(System.getenv("FTP_URL") + path).toURL().openStream()) {
            return stream.readAllBytes();
        }
    }

    static void check(boolean isTrue, String what) {
        if (!isTrue) throw new AssertionError(what);
    }

    public static void main(String[] arguments) throws Exception {
        control("PUT", "/scenario", "\"slow-download\"");
        check(download("/pub/file.bin").length == 64 * 1024, "all of the file arrives");
        control("POST", "/verify", "{}");

        control("DELETE", "/scenario", null);
        control("POST", "/rules", "{\"when\": {\"command\": \"RETR\"}, \"then\": {\"reply\": \"550 Gone.\"}}");
        try {
            download("/pub/hello.txt");
            throw new AssertionError("what is refused is an error");
        } catch (IOException expected) {
            check(control("GET", "/transcript?format=text", null).contains("S: 550 Gone."), "the refusal is on record");
        }
        System.out.println("ok");
    }
}
