/// What a call of `HTTP1Exchange` asks its caller to do.
package enum ExchangeStep {
  /// Everything was taken, and there is nothing to report.
  case taken
  /// Everything was taken, and this was found.
  case found([ExchangeEvent])
  /// HTTP has ended on this connection: the exchange takes nothing any more.
  case handOver(HandOver)
}
