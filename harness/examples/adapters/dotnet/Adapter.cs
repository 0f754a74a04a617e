// An orgtwin adapter in C#, for .NET 8 and newer: no packages.
//
// It is a whole little Okta client (tokens, proofs of possession, calls, pages, rate limits) behind the adapter
// protocol: one JSON request a line on standard input, one JSON reply a line on standard output. Around a real SDK only
// Client would be smaller: Token, Call and ListAll are what you replace.
//
//     dotnet build -c Release -o build
//     orgtwin client lint stdio -- dotnet build/adapter.dll
//     orgtwin test --client stdio -- dotnet build/adapter.dll

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading;
using System.Threading.Tasks;

namespace Orgtwin
{
    /// <summary>The client's own negative result: what the caller of an SDK would see as its error.</summary>
    public sealed class Refused : Exception
    {
        public readonly string Reason;
        public readonly int? Status;
        public readonly string Code;

        public Refused(string reason, string message, int? status = null, string code = null) : base(message)
        {
            Reason = reason;
            Status = status;
            Code = code;
        }

        public Dictionary<string, object> Reply()
        {
            var error = new Dictionary<string, object> { ["message"] = Message };
            if (Code != null) error["code"] = Code;
            var reply = new Dictionary<string, object> { ["outcome"] = "refused", ["reason"] = Reason, ["error"] = error };
            if (Status != null) reply["status"] = Status;
            return reply;
        }
    }

    /// <summary>The client's own clock. The suite may move it: then who waits goes on from the new time.</summary>
    public sealed class Clock
    {
        private readonly object guard = new object();
        private long ahead;

        private static long Machine()
        {
            return DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        }

        /// <summary>Seconds since 1970.</summary>
        public long Now()
        {
            return (Machine() + Mark()) / 1000;
        }

        public void Advance(long ms)
        {
            lock (guard)
            {
                ahead += ms;
                Monitor.PulseAll(guard);
            }
        }

        /// <summary>How far it was moved so far.</summary>
        public long Mark()
        {
            lock (guard) return ahead;
        }

        /// <summary>Waits; what the clock was moved since the mark counts as waited already.</summary>
        public void Sleep(long ms, long mark)
        {
            lock (guard)
            {
                long until = Machine() + mark + ms;
                for (long left; (left = until - Machine() - ahead) > 0;) Monitor.Wait(guard, (int)Math.Min(left, int.MaxValue));
            }
        }
    }

    /// <summary>A whole answer of the org.</summary>
    public sealed class Answer
    {
        private static readonly Regex Parameter = new Regex("(\\w+)=\"([^\"]*)\"");
        private static readonly Regex Link = new Regex("<([^>]*)>((?:[^,\"]|\"[^\"]*\")*)");
        private static readonly Regex Next = new Regex(";\\s*rel=\"?next\"?\\s*(;|$)", RegexOptions.IgnoreCase);

        public readonly int Status;
        public readonly byte[] Body;
        private readonly HttpResponseMessage response;

        public Answer(HttpResponseMessage response, byte[] body)
        {
            this.response = response;
            Status = (int)response.StatusCode;
            Body = body;
        }

        private IEnumerable<string> Lines(string name)
        {
            IEnumerable<string> lines;
            return response.Headers.TryGetValues(name, out lines) || response.Content.Headers.TryGetValues(name, out lines)
                ? lines
                : Enumerable.Empty<string>();
        }

        /// <summary>The first line of that name; an empty text if there is none.</summary>
        public string Header(string name)
        {
            return Lines(name).FirstOrDefault() ?? "";
        }

        public JsonElement Json()
        {
            string kind = Header("Content-Type").Split(';')[0].Trim();
            if (!kind.Equals("application/json", StringComparison.OrdinalIgnoreCase))
            {
                throw new Refused("validation", "the answer is not application/json");
            }
            try
            {
                return JsonSerializer.Deserialize<JsonElement>(Body);
            }
            catch (JsonException error)
            {
                throw new Refused("validation", "the answer is not JSON: " + error.Message);
            }
        }

        /// <summary>Okta's error, OAuth's, or what the challenge says when the body is empty.</summary>
        public Refused Refusal(string reason = "http_status")
        {
            JsonElement body = default(JsonElement);
            try
            {
                body = JsonSerializer.Deserialize<JsonElement>(Body);
            }
            catch (JsonException)
            {
                // Not every refusal has a body.
            }
            string challenge = string.Join(", ", Lines("WWW-Authenticate"));
            var said = Parameter.Matches(challenge).Cast<Match>().GroupBy(one => one.Groups[1].Value)
                .ToDictionary(one => one.Key, one => one.First().Groups[2].Value);
            string code = body.Text("errorCode") ?? body.Text("error") ?? said.GetValueOrDefault("error");
            string message = body.Text("errorSummary") ?? body.Text("error_description")
                ?? said.GetValueOrDefault("error_description");
            return new Refused(reason, message ?? "", Status, code);
        }

        /// <summary>Seconds until the bucket has its requests again. Both times are the org's own: the clock of this machine
        /// does not matter.</summary>
        public long? Reset()
        {
            long reset;
            DateTimeOffset? date = response.Headers.Date;
            if (date == null || !long.TryParse(Header("X-Rate-Limit-Reset"), out reset)) return null;
            return Math.Max(0, reset - date.Value.ToUnixTimeSeconds()) + 1;
        }

        /// <summary>The address of the next page, as the org gave it.</summary>
        public string NextPage()
        {
            return Lines("Link").SelectMany(line => Link.Matches(line).Cast<Match>())
                .Where(link => Next.IsMatch(link.Groups[2].Value)).Select(link => link.Groups[1].Value).FirstOrDefault();
        }
    }

    /// <summary>Signs JWTs: with the key that says who the client is, or with one whose possession is proved.</summary>
    public sealed class Signer
    {
        public readonly string Alg;
        private readonly RSA rsa;
        private readonly ECDsa curve;

        /// <summary>A key of the client's own.</summary>
        public Signer()
        {
            Alg = "ES256";
            curve = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        }

        /// <summary>From PEM: PKCS#8, PKCS#1 or SEC 1.</summary>
        public Signer(string pem, string alg)
        {
            Alg = alg;
            try
            {
                if (alg == "RS256")
                {
                    rsa = RSA.Create();
                    rsa.ImportFromPem(pem);
                }
                else if (alg == "ES256")
                {
                    curve = ECDsa.Create();
                    curve.ImportFromPem(pem);
                }
                else
                {
                    throw new Refused("config", "this client does not sign " + alg);
                }
            }
            catch (Exception error) when (error is ArgumentException || error is CryptographicException)
            {
                throw new Refused("config", "the private key cannot be read: " + error.Message);
            }
        }

        /// <summary>The public half of an elliptic curve key.</summary>
        public Dictionary<string, object> Jwk()
        {
            ECPoint point = curve.ExportParameters(false).Q;
            return new Dictionary<string, object>
            {
                ["kty"] = "EC", ["crv"] = "P-256", ["x"] = Wire.Base64Url(point.X), ["y"] = Wire.Base64Url(point.Y),
            };
        }

        public string Jwt(Dictionary<string, object> header, Dictionary<string, object> claims)
        {
            header["alg"] = Alg;
            string signed = Wire.Base64Url(JsonSerializer.SerializeToUtf8Bytes(header)) + "."
                + Wire.Base64Url(JsonSerializer.SerializeToUtf8Bytes(claims));
            byte[] data = Encoding.ASCII.GetBytes(signed);
            byte[] signature = rsa != null
                ? rsa.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                : curve.SignData(data, HashAlgorithmName.SHA256);
            return signed + "." + Wire.Base64Url(signature);
        }
    }

    /// <summary>The small forms of the wire.</summary>
    public static class Wire
    {
        /// <summary>A member that is a text; null if there is none.</summary>
        public static string Text(this JsonElement value, string name)
        {
            JsonElement member;
            return value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out member)
                && member.ValueKind == JsonValueKind.String ? member.GetString() : null;
        }

        public static string Base64Url(byte[] bytes)
        {
            return Convert.ToBase64String(bytes).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        }

        public static byte[] Bytes(string base64Url)
        {
            string padded = base64Url.Replace('-', '+').Replace('_', '/');
            return Convert.FromBase64String(padded.PadRight((padded.Length + 3) / 4 * 4, '='));
        }

        public static string Sha256(string text)
        {
            using (SHA256 digest = SHA256.Create()) return Base64Url(digest.ComputeHash(Encoding.ASCII.GetBytes(text)));
        }

        /// <summary>A text that nobody can guess.</summary>
        public static string Fresh()
        {
            byte[] bytes = new byte[32];
            using (RandomNumberGenerator source = RandomNumberGenerator.Create()) source.GetBytes(bytes);
            return Base64Url(bytes);
        }

        public static string Query(Dictionary<string, string> fields)
        {
            return string.Join("&", fields.Select(one => Encoded(one.Key) + "=" + Encoded(one.Value)));
        }

        public static string Encoded(string text)
        {
            return WebUtility.UrlEncode(text);
        }
    }
    /// <summary>A whole little client of one org.</summary>
    public sealed class Client
    {
        /// <summary>At one request that is rate limited, or that an ill org answers.</summary>
        private const int Attempts = 4;
        /// <summary>Seconds of one wait; an org that asks for more is reported to the caller.</summary>
        private const long Longest = 7200;
        /// <summary>Seconds before its end at which a token is replaced.</summary>
        private const long Early = 60;

        public readonly string Org;
        public long TokenUntil;
        private readonly JsonElement config;
        private readonly JsonElement auth;
        private readonly string method;
        private readonly string id;
        private readonly string[] scopes;
        private readonly Clock clock;
        private readonly HttpClient http;
        private readonly Signer key;
        private readonly Signer proofs;
        private string nonce;
        private string refreshToken;
        private JsonElement? cached;

        public Client(JsonElement config, Clock clock)
        {
            this.config = config;
            this.clock = clock;
            auth = config.GetProperty("auth");
            method = auth.Text("method");
            Org = config.Text("org_url");
            id = config.Text("client_id");
            scopes = config.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()).ToArray();
            http = new HttpClient(Handler(config.Text("ca_pem"), config.Text("proxy"))) { Timeout = TimeSpan.FromSeconds(30) };
            if (method == "private_key_jwt") key = new Signer(auth.Text("private_key_pem"), auth.Text("alg") ?? "RS256");
            JsonElement bound;
            if (config.TryGetProperty("dpop", out bound) && bound.ValueKind == JsonValueKind.True) proofs = new Signer();
        }

        private static HttpClientHandler Handler(string ca, string proxy)
        {
            var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false, UseProxy = proxy != null };
            if (proxy != null) handler.Proxy = new WebProxy(proxy);
            if (ca == null) return handler;
            X509Certificate2 authority = X509Certificate2.CreateFromPem(ca);
            handler.ServerCertificateCustomValidationCallback = (request, certificate, chain, errors) =>
            {
                if ((errors & ~SslPolicyErrors.RemoteCertificateChainErrors) != 0) return false;
                chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
                chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
                chain.ChainPolicy.CustomTrustStore.Add(authority);
                return chain.Build(certificate);
            };
            return handler;
        }

        /// <summary>Sends a request, again after each 429 once its bucket has reset, and a little later when the org is ill. A
        /// write that is not repeatable is only repeated when the org says that it did nothing (503): nobody knows what became
        /// of a lost one.</summary>
        private Answer Send(bool repeatable, Func<HttpRequestMessage> make)
        {
            for (int attempt = 1; ; attempt++)
            {
                bool last = attempt == Attempts;
                long mark = clock.Mark();
                Answer answer;
                try
                {
                    answer = Exchange(make()).GetAwaiter().GetResult();
                }
                catch (HttpRequestException error) when (error.InnerException is AuthenticationException)
                {
                    throw new Refused("tls", error.InnerException.Message);
                }
                catch (Exception error) when (error is HttpRequestException || error is IOException || error is OperationCanceledException)
                {
                    if (last || !repeatable) throw new Refused("transport", error.Message);
                    Thread.Sleep(50 << attempt);
                    continue;
                }
                int status = answer.Status;
                if (status == 503 || (repeatable && (status == 500 || status == 502 || status == 504)))
                {
                    if (last) return answer;
                    Thread.Sleep(50 << attempt);
                    continue;
                }
                if (status != 429) return answer;
                long? wait = answer.Reset();
                if (last || wait == null || wait > Longest) throw answer.Refusal("retries_exhausted");
                clock.Sleep(wait.Value * 1000, mark);
            }
        }

        private async Task<Answer> Exchange(HttpRequestMessage request)
        {
            request.Headers.TryAddWithoutValidation("User-Agent", "orgtwin-dotnet-adapter/1");
            request.Headers.TryAddWithoutValidation("Accept", "application/json");
            // A connection that is used once: .NET repeats a request by itself when the org closes a used one.
            request.Headers.ConnectionClose = true;
            using (request)
            {
                HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
                return new Answer(response, await response.Content.ReadAsByteArrayAsync());
            }
        }

        private Answer Get(string url)
        {
            return Send(true, () => new HttpRequestMessage(HttpMethod.Get, url));
        }

        private static HttpContent Content(string text, string kind)
        {
            var content = new ByteArrayContent(Encoding.UTF8.GetBytes(text));
            content.Headers.ContentType = new MediaTypeHeaderValue(kind);
            return content;
        }

        /// <summary>The access token's answer: from the cache, or from the org.</summary>
        public JsonElement Token()
        {
            if (cached != null && clock.Now() < TokenUntil - Early) return cached.Value;
            if (method == "ssws")
            {
                throw new Refused("config", "an API token is no OAuth client: there is no token to get");
            }
            long asked = clock.Now();
            JsonElement person;
            JsonElement answer = config.TryGetProperty("sign_in", out person) && person.ValueKind == JsonValueKind.Object
                ? TokenOf(person)
                : Grant(WithScope(new Dictionary<string, string> { ["grant_type"] = "client_credentials" }));
            string kind = (answer.Text("token_type") ?? "").ToLowerInvariant();
            if (kind != "bearer" && !(proofs != null && kind == "dpop"))
            {
                throw new Refused("validation", "a token of the type " + kind + " was not asked for");
            }
            TokenUntil = asked + answer.GetProperty("expires_in").GetInt64();
            cached = answer;
            return answer;
        }

        /// <summary>Drops the token, not the person's session.</summary>
        public void ForgetToken()
        {
            cached = null;
        }

        private Dictionary<string, string> WithScope(Dictionary<string, string> fields)
        {
            if (scopes.Length > 0) fields["scope"] = string.Join(" ", scopes);
            return fields;
        }

        /// <summary>A grant at the token endpoint, with the client's credentials, and again with the nonce if the org asks for
        /// one.</summary>
        private JsonElement Grant(Dictionary<string, string> form)
        {
            // A code is used up by the request whose answer is lost; assertion and proof are made anew for each.
            bool repeatable = form["grant_type"] == "client_credentials";
            for (bool last = false; ; last = true)
            {
                Answer answer = Send(repeatable, () => TokenRequest(form));
                string given = answer.Header("DPoP-Nonce");
                if (proofs != null && given != "") nonce = given;
                if (answer.Status == 200) return answer.Json();
                Refused refused = answer.Refusal();
                if (last || proofs == null || given == "" || refused.Code != "use_dpop_nonce") throw refused;
            }
        }

        private HttpRequestMessage TokenRequest(Dictionary<string, string> form)
        {
            string url = Org + "/oauth2/v1/token";
            var fields = new Dictionary<string, string>(form);
            var request = new HttpRequestMessage(HttpMethod.Post, url);
            if (method == "private_key_jwt")
            {
                long now = clock.Now();
                var header = new Dictionary<string, object> { ["typ"] = "JWT" };
                if (auth.Text("kid") != null) header["kid"] = auth.Text("kid");
                fields["client_assertion_type"] = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
                fields["client_assertion"] = key.Jwt(header, new Dictionary<string, object>
                {
                    ["iss"] = id, ["sub"] = id, ["aud"] = url, ["iat"] = now, ["exp"] = now + 300, ["jti"] = Wire.Fresh(),
                });
            }
            else if (method == "none")
            {
                fields["client_id"] = id;
            }
            else
            {
                // As a form has them: id and secret are encoded before they are joined (RFC 6749 2.3.1).
                string pair = Wire.Encoded(id) + ":" + Wire.Encoded(auth.Text("client_secret"));
                string basic = Convert.ToBase64String(Encoding.UTF8.GetBytes(pair));
                request.Headers.TryAddWithoutValidation("Authorization", "Basic " + basic);
            }
            if (proofs != null) request.Headers.TryAddWithoutValidation("DPoP", Proof("POST", url, "nonce", nonce));
            request.Content = Content(Wire.Query(fields), "application/x-www-form-urlencoded");
            return request;
        }

        /// <summary>A proof for one request (RFC 9449): with the nonce for the token endpoint, with the token's digest for the
        /// API.</summary>
        private string Proof(string verb, string url, string name, string value)
        {
            var header = new Dictionary<string, object> { ["typ"] = "dpop+jwt", ["jwk"] = proofs.Jwk() };
            var claims = new Dictionary<string, object>
            {
                ["htm"] = verb, ["htu"] = url.Split('?', '#')[0], ["iat"] = clock.Now(), ["jti"] = Wire.Fresh(),
            };
            if (value != null) claims[name] = value;
            return proofs.Jwt(header, claims);
        }

        /// <summary>An authenticated call; a token that is no longer accepted is replaced once.</summary>
        public Answer Call(string verb, string url, JsonElement? body)
        {
            bool apiToken = method == "ssws";
            for (bool last = apiToken; ; last = true)
            {
                JsonElement? token = apiToken ? (JsonElement?)null : Token();
                Answer answer = Send(verb == "GET" || verb == "HEAD", () =>
                {
                    var request = new HttpRequestMessage(new HttpMethod(verb), url);
                    if (body != null) request.Content = Content(body.Value.GetRawText(), "application/json");
                    string kind = token == null ? "SSWS" : token.Value.Text("token_type");
                    string value = token == null ? auth.Text("api_token") : token.Value.Text("access_token");
                    request.Headers.TryAddWithoutValidation("Authorization", kind + " " + value);
                    if (kind.Equals("DPoP", StringComparison.OrdinalIgnoreCase))
                    {
                        request.Headers.TryAddWithoutValidation("DPoP", Proof(verb, url, "ath", Wire.Sha256(value)));
                    }
                    return request;
                });
                if (answer.Status >= 200 && answer.Status < 300) return answer;
                if (answer.Status != 401 || last) throw answer.Refusal();
                cached = null;
            }
        }

        /// <summary>A member of each element of a whole collection, through all of its pages.</summary>
        public List<object> ListAll(string path, string member)
        {
            var seen = new HashSet<string>();
            var values = new List<object>();
            for (string url = Org + path; url != null;)
            {
                if (!seen.Add(url)) throw new Refused("validation", "the org handed out a page that was read already");
                Uri next;
                if (!Uri.TryCreate(url, UriKind.Absolute, out next)
                    || next.GetLeftPart(UriPartial.Authority) != new Uri(Org).GetLeftPart(UriPartial.Authority))
                {
                    throw new Refused("validation", "the next page is at another origin");
                }
                Answer answer = Call("GET", url, null);
                JsonElement page = answer.Json();
                if (page.ValueKind != JsonValueKind.Array) throw new Refused("validation", "the page is not a JSON array");
                foreach (JsonElement element in page.EnumerateArray()) values.Add(element.GetProperty(member));
                url = answer.NextPage();
            }
            return values;
        }

        // A person's token: the browser is played without a window.

        private JsonElement TokenOf(JsonElement person)
        {
            if (refreshToken != null)
            {
                try
                {
                    return Keep(Grant(new Dictionary<string, string>
                    {
                        ["grant_type"] = "refresh_token", ["refresh_token"] = refreshToken,
                    }), null);
                }
                // A user who is given too many tokens is told invalid_grant, too, with 429.
                catch (Refused refused) when (refused.Status == 400 && refused.Code == "invalid_grant")
                {
                    refreshToken = null; // the person has to sign in again
                }
            }
            string expected = scopes.Contains("openid") ? Wire.Fresh() : null;
            string verifier = Wire.Fresh();
            return Keep(Grant(new Dictionary<string, string>
            {
                ["grant_type"] = "authorization_code",
                ["code"] = Code(person, expected, verifier),
                ["redirect_uri"] = person.Text("redirect_uri"),
                ["code_verifier"] = verifier,
            }), expected);
        }

        private JsonElement Keep(JsonElement answer, string expected)
        {
            string idToken = answer.Text("id_token");
            if (idToken != null) CheckIdToken(idToken, expected);
            else if (expected != null) throw new Refused("validation", "the org sent no ID token");
            refreshToken = answer.Text("refresh_token") ?? refreshToken;
            return answer;
        }

        private string Code(JsonElement person, string expected, string verifier)
        {
            string state = Wire.Fresh();
            string prompt = person.Text("prompt");
            var asked = WithScope(new Dictionary<string, string>
            {
                ["client_id"] = id,
                ["response_type"] = "code",
                ["redirect_uri"] = person.Text("redirect_uri"),
                ["state"] = state,
                ["code_challenge"] = Wire.Sha256(verifier),
                ["code_challenge_method"] = "S256",
            });
            if (expected != null) asked["nonce"] = expected;
            if (prompt != null) asked["prompt"] = prompt;
            if (prompt != "none") asked["sessionToken"] = SessionToken(person);
            Answer answer = Get(Org + "/oauth2/v1/authorize?" + Wire.Query(asked));
            if (answer.Status >= 400) throw answer.Refusal();
            string[] target = answer.Header("Location").Split(new[] { '?' }, 2);
            if ((answer.Status != 302 && answer.Status != 303) || target.Length < 2 || target[0] != person.Text("redirect_uri"))
            {
                throw new Refused("validation", "the org does not send the person back to the client");
            }
            Dictionary<string, string> back = target[1].Split('&').Select(pair => pair.Split(new[] { '=' }, 2))
                .GroupBy(pair => WebUtility.UrlDecode(pair[0]))
                .ToDictionary(pairs => pairs.Key, pairs => WebUtility.UrlDecode(pairs.First().Skip(1).FirstOrDefault() ?? ""));
            if (back.GetValueOrDefault("state") != state)
            {
                throw new Refused("validation", "the state of the answer is not that of the request");
            }
            if (back.ContainsKey("error"))
            {
                throw new Refused("http_status", back.GetValueOrDefault("error_description") ?? "", null, back["error"]);
            }
            if (!back.ContainsKey("code")) throw new Refused("validation", "the answer has neither a code nor an error");
            return back["code"];
        }

        private string SessionToken(JsonElement person)
        {
            string named = JsonSerializer.Serialize(new Dictionary<string, string>
            {
                ["username"] = person.Text("login"), ["password"] = person.Text("password"),
            });
            Answer answer = Send(false, () => new HttpRequestMessage(HttpMethod.Post, Org + "/api/v1/authn")
            {
                Content = Content(named, "application/json"),
            });
            if (answer.Status != 200) throw answer.Refusal();
            JsonElement said = answer.Json();
            if (said.Text("status") != "SUCCESS")
            {
                throw new Refused("validation", "the person cannot sign in", null, said.Text("status"));
            }
            return said.Text("sessionToken");
        }

        private void CheckIdToken(string token, string expected)
        {
            Answer answer = Get(Org + "/oauth2/v1/keys");
            if (answer.Status != 200) throw answer.Refusal();
            string[] parts = token.Split('.');
            JsonElement claims;
            bool signed = false;
            try
            {
                JsonElement header = JsonSerializer.Deserialize<JsonElement>(Wire.Bytes(parts[0]));
                claims = JsonSerializer.Deserialize<JsonElement>(Wire.Bytes(parts[1]));
                byte[] data = Encoding.ASCII.GetBytes(parts[0] + "." + parts[1]);
                foreach (JsonElement jwk in answer.Json().GetProperty("keys").EnumerateArray())
                {
                    if (jwk.Text("kid") != header.Text("kid") || header.Text("alg") != "RS256") continue;
                    using (RSA judge = RSA.Create())
                    {
                        judge.ImportParameters(new RSAParameters
                        {
                            Modulus = Wire.Bytes(jwk.Text("n")), Exponent = Wire.Bytes(jwk.Text("e")),
                        });
                        signed = judge.VerifyData(
                            data, Wire.Bytes(parts[2]), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                    }
                }
            }
            catch (Exception error) when (error is FormatException || error is JsonException || error is IndexOutOfRangeException)
            {
                throw new Refused("validation", "the ID token cannot be read: " + error.Message);
            }
            if (!signed) throw new Refused("validation", "the ID token is not signed by the org");
            var known = new Dictionary<string, string> { ["iss"] = config.Text("issuer"), ["aud"] = id };
            if (expected != null) known["nonce"] = expected;
            foreach (KeyValuePair<string, string> one in known)
            {
                if (claims.Text(one.Key) != one.Value)
                {
                    throw new Refused("validation", one.Key + " of the ID token is not the expected one");
                }
            }
            if (claims.GetProperty("exp").GetInt64() < clock.Now() - Early)
            {
                throw new Refused("validation", "the ID token has expired");
            }
        }
    }

    /// <summary>The protocol.</summary>
    public static class Adapter
    {
        private static readonly string[] Capabilities =
        {
            "auth.private_key_jwt", "auth.client_secret_basic", "auth.none", "auth.ssws", "alg.ES256",
            "grant.authorization_code", "dpop", "list_all", "forget_token", "clock.inject",
        };

        private static readonly string[] Asked = { "get_token", "call", "list_all", "forget_token" };
        private static readonly Clock Time = new Clock();
        private static readonly Stream Out = Console.OpenStandardOutput();
        private static Client client;

        public static void Main()
        {
            var requests = new BlockingCollection<JsonElement>();
            var worker = new Thread(() =>
            {
                foreach (JsonElement request in requests.GetConsumingEnumerable()) Say(request, Answered(request));
            });
            worker.Start();
            // Ops are worked off one after the other, but the clock is moved at once: an op may be waiting for it.
            using (var lines = new StreamReader(Console.OpenStandardInput(), new UTF8Encoding(false)))
            {
                for (string line; (line = lines.ReadLine()) != null;)
                {
                    JsonElement request = JsonSerializer.Deserialize<JsonElement>(line);
                    string op = request.Text("op");
                    if (op == "advance_clock")
                    {
                        Time.Advance(request.GetProperty("ms").GetInt64());
                        Say(request, Ok());
                        continue;
                    }
                    requests.Add(request);
                    if (op == "bye") break;
                }
            }
            requests.CompleteAdding();
            worker.Join();
        }

        private static Dictionary<string, object> Ok()
        {
            return new Dictionary<string, object> { ["outcome"] = "ok" };
        }

        private static void Say(JsonElement request, Dictionary<string, object> reply)
        {
            reply["id"] = request.GetProperty("id");
            byte[] line = Encoding.UTF8.GetBytes(JsonSerializer.Serialize(reply) + "\n");
            lock (Out)
            {
                Out.Write(line, 0, line.Length);
                Out.Flush();
            }
        }

        private static Dictionary<string, object> Answered(JsonElement request)
        {
            try
            {
                return Perform(request);
            }
            catch (Refused refused)
            {
                return refused.Reply();
            }
            catch (Exception broken) // a defect of this adapter, never a verdict on the client
            {
                string message = broken.GetType().Name + ": " + broken.Message;
                return new Dictionary<string, object> { ["outcome"] = "error", ["message"] = message };
            }
        }

        private static Dictionary<string, object> Perform(JsonElement request)
        {
            string op = request.Text("op");
            Dictionary<string, object> reply = Ok();
            if (op == "hello")
            {
                return new Dictionary<string, object>
                {
                    ["protocol"] = 1,
                    ["client"] = new Dictionary<string, object>
                    {
                        ["name"] = "dotnet-adapter", ["version"] = "1", ["language"] = ".NET " + Environment.Version,
                    },
                    ["capabilities"] = Capabilities,
                };
            }
            if (op == "configure") client = new Client(request.GetProperty("client"), Time);
            if (op == "configure" || op == "bye") return reply;
            if (!Asked.Contains(op)) return new Dictionary<string, object> { ["outcome"] = "unsupported" };
            if (client == null) throw new Refused("config", "not configured yet");
            switch (op)
            {
                case "get_token":
                    JsonElement token = client.Token();
                    reply["token_type"] = token.Text("token_type");
                    reply["expires_in"] = client.TokenUntil - Time.Now();
                    reply["scope"] = (token.Text("scope") ?? "").Split(new[] { ' ' }, StringSplitOptions.RemoveEmptyEntries);
                    break;
                case "call":
                    JsonElement body;
                    bool sends = request.TryGetProperty("body", out body) && body.ValueKind != JsonValueKind.Null;
                    string url = client.Org + request.Text("path");
                    Answer answer = client.Call(request.Text("method"), url, sends ? body : (JsonElement?)null);
                    reply["status"] = answer.Status;
                    if (answer.Body.Length > 0) reply["body"] = answer.Json();
                    break;
                case "list_all":
                    List<object> values = client.ListAll(request.Text("path"), request.Text("key"));
                    reply["count"] = values.Count;
                    reply["values"] = values;
                    break;
                default:
                    client.ForgetToken();
                    break;
            }
            return reply;
        }
    }
}
