import HTTPUpgrade
import WebSocketDecoding

extension DeflateParameters {
  /// The compression that a handshake agreed on; nil when none that is understood.
  init?(negotiatedIn handshake: Handshake) {
    let selected = handshake.extensionsSelected.flatMap { ExtensionOffer.parse($0) }
    if let element = selected.first(where: { DeflateNegotiation.isPerMessage($0) }) {
      self.init(parameters: element.parameters)
    } else if let element = selected.first(where: { DeflateNegotiation.isPerFrame($0) }) {
      let offered = handshake.extensionsOffered.flatMap { ExtensionOffer.parse($0) }
      let offer = offered.first { DeflateNegotiation.isPerFrame($0) }
      self.init(frameParametersOfClient: offer?.parameters ?? [], server: element.parameters)
    } else {
      return nil
    }
  }
}
