import HTTP1
import WireBytes

/// Software or a service that passes sessions on, where its timeouts are known.
public enum ProxyProduct: String, Sendable {
  /// nginx, and what is made of it.
  case nginx
  /// HAProxy; it does not say so in its answers.
  case haproxy
  /// Envoy, Istio.
  case envoy
  /// Elastic Load Balancing and API Gateway.
  case aws
  /// Apache httpd.
  case apache
  /// Traefik; it does not say so in its answers.
  case traefik
  /// Cloudflare.
  case cloudflare
  /// The load balancers of Google Cloud.
  case google
  /// Those of Azure.
  case azure
  /// Heroku's router.
  case heroku

  /// What a proxy's answer says that it is; what the server behind it said of itself it may just have passed on.
  init?(answer: HTTPHead?, of server: HTTPHead?) {
    guard let answer, let name = answer["Server"] ?? answer["Via"], name != server?["Server"] else {
      return nil
    }
    let words = name.lowercased()
    guard let found = Self.names.first(where: { words.contains($0.name) }) else { return nil }
    self = found.product
  }

  private static let names: [(name: String, product: ProxyProduct)] = [
    ("nginx", .nginx), ("openresty", .nginx), ("tengine", .nginx), ("envoy", .envoy), ("awselb", .aws),
    ("apache", .apache), ("cloudflare", .cloudflare), ("google", .google), ("haproxy", .haproxy),
    ("traefik", .traefik), ("microsoft-azure", .azure), ("vegur", .heroku), ("heroku", .heroku),
  ]
}
