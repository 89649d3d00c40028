/// A limit on silence that many installations have by default.
///
/// What these tell about a session is a guess: one that ended after such a silence may have ended for another reason. Sentences
/// about it say "perhaps".
package struct IdleTimeout: Sendable {
  /// Seconds without a byte.
  package let seconds: Int64
  /// What has this default, in a few words.
  package let name: String
  /// Where its maker says so.
  let source: String
  /// It forgets the connection without telling the two ends.
  var forgets = false

  /// The defaults of servers, and of what is commonly between a client and a server.
  static let known: [IdleTimeout] = [
    IdleTimeout(
      seconds: 30, name: "Google Cloud backend service timeout",
      source: "Google Cloud documentation, Backend services overview: timeoutSec"),
    IdleTimeout(
      seconds: 30, name: "Jetty 10+ WebSocket idleTimeout",
      source: "Jetty, WebSocketConstants.DEFAULT_IDLE_TIMEOUT"),
    IdleTimeout(
      seconds: 30, name: "SignalR ClientTimeoutInterval",
      source: "ASP.NET Core documentation, SignalR configuration: ClientTimeoutInterval"),
    IdleTimeout(
      seconds: 50, name: "HAProxy as Debian configures it",
      source: "haproxy.cfg of Debian's package: timeout client 50000, timeout server 50000"),
    IdleTimeout(
      seconds: 55, name: "Heroku router",
      source: "Heroku Dev Center, HTTP Routing: rolling 55-second window after the first byte"),
    IdleTimeout(
      seconds: 60, name: "nginx proxy_read_timeout",
      source: "nginx documentation, ngx_http_proxy_module: proxy_read_timeout 60s"),
    IdleTimeout(
      seconds: 60, name: "AWS ALB idle timeout",
      source: "AWS documentation, Application Load Balancers: idle_timeout.timeout_seconds 60"),
    IdleTimeout(
      seconds: 60, name: "Apache httpd Timeout",
      source: "Apache HTTP Server documentation, core: TimeOut 60, ProxyTimeout takes its value"),
    IdleTimeout(
      seconds: 100, name: "Cloudflare",
      source: "Cloudflare documentation, Network: WebSockets, and error 524: 100 s"),
    IdleTimeout(
      seconds: 180, name: "Traefik idleTimeout",
      source: "Traefik documentation, EntryPoints: respondingTimeouts.idleTimeout 180s"),
    IdleTimeout(
      seconds: 240, name: "Azure (4 min)",
      source: "Azure documentation, Load Balancer TCP idle timeout: 4 minutes", forgets: true),
    IdleTimeout(
      seconds: 300, name: "Envoy stream_idle_timeout",
      source: "Envoy documentation, HTTP connection manager: stream_idle_timeout 5 minutes"),
    IdleTimeout(
      seconds: 350, name: "AWS NLB and NAT gateway",
      source: "AWS documentation, Network Load Balancers and NAT gateways: 350 s", forgets: true),
    IdleTimeout(
      seconds: 600, name: "AWS API Gateway WebSocket",
      source: "AWS documentation, API Gateway quotas: idle connection timeout 10 minutes"),
  ]

  /// How much later than at its limit a timeout is noticed: they are looked at about once a second.
  private static let latest: Int64 = 1_500_000_000
  private static let earliest: Int64 = -100_000_000

  /// The timeouts that end a connection after a silence of this length, in nanoseconds.
  package static func matching(_ silence: Int64) -> [IdleTimeout] {
    known.filter { (earliest...latest).contains(silence &- $0.seconds * 1_000_000_000) }
  }

  /// How long after the default that ended it a silence may end, in nanoseconds.
  static var lateness: Int64 { latest }

  /// What is known to forget a connection within a silence of this length, in nanoseconds, without telling its ends.
  package static func forgetting(within silence: Int64) -> [IdleTimeout] {
    known.filter { $0.forgets && silence &- $0.seconds * 1_000_000_000 >= earliest }
  }
}
