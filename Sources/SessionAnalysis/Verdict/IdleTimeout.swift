/// A limit on silence that many installations have by default.
///
/// What these tell about a session is a guess: one that ended after such a silence may have ended for another reason. Sentences
/// about it say "perhaps".
public struct IdleTimeout: Sendable {
  /// Seconds without a byte.
  package let seconds: Int64
  /// What has this default, in a few words.
  package let name: String
  /// Where its maker says so.
  let source: String
  /// The proxy that has it; nil if one of the two ends does, or what forgets a connection.
  package var product: ProxyProduct?
  /// What it does to a connection.
  var ways: Ways = .endsTCP

  /// How an end by a timeout looks.
  struct Ways: OptionSet {
    let rawValue: UInt8
    /// A FIN or a RST without a Close frame: nothing between two ends writes frames, and hardly any server does.
    static let endsTCP = Ways(rawValue: 1)
    /// A Close frame first: it speaks WebSocket.
    static let sendsClose = Ways(rawValue: 2)
    /// It forgets the connection without telling the two ends.
    static let forgets = Ways(rawValue: 4)
  }

  /// The defaults of servers, and of what is commonly between a client and a server.
  static let known: [IdleTimeout] = [
    IdleTimeout(
      seconds: 30, name: "Google Cloud backend service timeout",
      source: "Google Cloud documentation, Backend services overview: timeoutSec", product: .google),
    IdleTimeout(
      seconds: 30, name: "Jetty 10+ WebSocket idleTimeout",
      source: "Jetty, WebSocketConstants.DEFAULT_IDLE_TIMEOUT", ways: [.endsTCP, .sendsClose]),
    IdleTimeout(
      seconds: 30, name: "SignalR ClientTimeoutInterval",
      source: "ASP.NET Core documentation, SignalR configuration: ClientTimeoutInterval",
      ways: [.endsTCP, .sendsClose]),
    IdleTimeout(
      seconds: 50, name: "HAProxy as Debian configures it",
      source: "haproxy.cfg of Debian's package: timeout client 50000, timeout server 50000", product: .haproxy
    ),
    IdleTimeout(
      seconds: 55, name: "Heroku router",
      source: "Heroku Dev Center, HTTP Routing: rolling 55-second window after the first byte",
      product: .heroku),
    IdleTimeout(
      seconds: 60, name: "nginx proxy_read_timeout",
      source: "nginx documentation, ngx_http_proxy_module: proxy_read_timeout 60s", product: .nginx),
    IdleTimeout(
      seconds: 60, name: "AWS ALB idle timeout",
      source: "AWS documentation, Application Load Balancers: idle_timeout.timeout_seconds 60", product: .aws),
    IdleTimeout(
      seconds: 60, name: "Apache httpd Timeout",
      source: "Apache HTTP Server documentation, core: TimeOut 60, ProxyTimeout takes its value",
      product: .apache),
    IdleTimeout(
      seconds: 100, name: "Cloudflare",
      source: "Cloudflare documentation, Network: WebSockets, and error 524: 100 s", product: .cloudflare),
    IdleTimeout(
      seconds: 180, name: "Traefik idleTimeout",
      source: "Traefik documentation, EntryPoints: respondingTimeouts.idleTimeout 180s", product: .traefik),
    IdleTimeout(
      seconds: 230, name: "Azure App Service",
      source: "Azure documentation, App Service availability and performance: 230 seconds"),
    IdleTimeout(
      seconds: 240, name: "Azure Load Balancer",
      source: "Azure documentation, Load Balancer TCP idle timeout: 4 minutes", ways: [.endsTCP, .forgets]),
    IdleTimeout(
      seconds: 300, name: "Envoy stream_idle_timeout",
      source: "Envoy documentation, HTTP connection manager: stream_idle_timeout 5 minutes", product: .envoy),
    IdleTimeout(
      seconds: 300, name: "Jetty 9 WebSocket idleTimeout",
      source: "Jetty 9, WebSocketPolicy: idleTimeout 300000", ways: [.endsTCP, .sendsClose]),
    IdleTimeout(
      seconds: 350, name: "AWS NLB and NAT gateway",
      source: "AWS documentation, Network Load Balancers and NAT gateways: 350 s",
      ways: [.endsTCP, .forgets]),
    IdleTimeout(
      seconds: 600, name: "AWS API Gateway WebSocket",
      source: "AWS documentation, API Gateway quotas: idle connection timeout 10 minutes",
      product: .aws, ways: [.endsTCP, .sendsClose]),
    IdleTimeout(
      seconds: 600, name: "Google Cloud VPC",
      source: "Google Cloud documentation, VPC firewall rules: idle connections are tracked for 10 minutes",
      ways: .forgets),
    IdleTimeout(
      seconds: 900, name: "IPVS, as in Kubernetes",
      source: "ipvsadm(8), --set: the timeout of TCP sessions is 900 s by default", ways: .forgets),
    IdleTimeout(
      seconds: 3600, name: "Envoy TCP proxy idle_timeout",
      source: "Envoy documentation, TCP proxy: idle_timeout 1 hour", product: .envoy),
    IdleTimeout(
      seconds: 3600, name: "HAProxy timeout tunnel as its manual sets it",
      source: "HAProxy documentation, Configuration Manual, timeout tunnel: 1h in the example",
      product: .haproxy),
  ]

  /// How much later than at its limit a timeout is noticed: they are looked at about once a second.
  private static let latest: Int64 = 1_500_000_000
  private static let earliest: Int64 = -100_000_000

  private var nanoseconds: Int64 { seconds * 1_000_000_000 }

  /// The default of this proxy, however long it is set to.
  package static func first(of product: ProxyProduct) -> IdleTimeout? {
    known.first { $0.product == product }
  }

  /// Whether a proxy may be told to end a connection after a silence of this length, in nanoseconds: timeouts are set in whole seconds.
  static func mayBeSet(_ silence: Int64, by product: ProxyProduct?) -> Bool {
    let second: Int64 = 1_000_000_000
    let over = silence % second
    // nginx does not set a timer again within 300 ms (NGX_TIMER_LAZY_DELAY), so that it may end earlier.
    let early: Int64 = product == .nginx ? 300_000_000 : 100_000_000
    return over <= precision &+ silence / 1000 || over >= second &- early
  }

  /// How exactly a proxy keeps to its timeout, in nanoseconds, besides a thousandth of it.
  private static let precision: Int64 = 20_000_000

  /// How long after the default that ended it a silence may end, in nanoseconds.
  static var lateness: Int64 { latest }

  /// The timeouts that end a connection after a silence of this length, in nanoseconds, in this way, unless the
  /// session had `survived` as long a silence.
  static func matching(_ silence: Int64, by way: Ways = .endsTCP, survived: Int64 = 0) -> [IdleTimeout] {
    known.filter {
      $0.ways.contains(way) && (earliest...latest).contains(silence &- $0.nanoseconds)
        && survived < $0.nanoseconds &- clear
    }
  }

  /// Whoever sends so shortly before a timeout is not in time again and again, in nanoseconds.
  private static let clear: Int64 = 10_000_000

  /// Whether a silence, in nanoseconds, is not shorter.
  func isReached(in silence: Int64) -> Bool { silence >= nanoseconds }

  /// What is known to forget a connection within a silence of this length, in nanoseconds, without telling its ends.
  package static func forgetting(within silence: Int64) -> [IdleTimeout] {
    known.filter { $0.ways.contains(.forgets) && silence &- $0.nanoseconds >= earliest }
  }
}
