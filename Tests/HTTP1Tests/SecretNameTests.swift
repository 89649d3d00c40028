import Testing

@testable import HTTP1

@Suite struct SecretNameTests {
  private func kind(_ name: String) -> SecretName.Kind { SecretName.kind(of: Array(name.utf8).span) }

  @Test(
    "Names of secrets are found in every spelling",
    arguments: [
      "token", "access_token", "accessToken", "ACCESS-TOKEN", "AccessToken", "accesstoken", "OAuthToken",
      "token2",
      "streamKey", "sessionKey", "authCode", "accountKey", "masterKey", "pw", "user_pw", "mfa", "mfaCode",
      "totp",
      "SAMLResponse", "sig", "connectionToken", "sid", "X-Amz-Signature", "X-Amz-Credential", "X-Api-Key",
      "APIKey",
      "api.key", "%74oken", "%2574oken", "auth%5Bpass%5D", "passWord", "2fa", "verificationCode", "code",
      "PHPSESSID",
      "x-csrf-token", "id_token", "client_secret", "key",
    ])
  func secret(name: String) { #expect(kind(name) == .secret) }

  @Test(
    "Names that only contain such letters, or are about a secret, are none",
    arguments: [
      "max_tokens", "author", "monkey", "keyboard", "keyframe_interval", "country_code", "passage",
      "token_type",
      "sessionTimeout", "SigAlg", "auth_version", "X-RateLimit-Token", "x-rate-limit-key", "Idempotency-Key",
      "idempotencyToken", "public_key", "cacheKey", "partition-key", "Sec-WebSocket-Key", "pass_count",
      "pin_type",
      "mfa_enabled", "design", "signal", "spin", "", "-", "%", "%zz", "aVeryLongWordThatIsInNoTableAtAll",
    ])
  func other(name: String) { #expect(kind(name) != .secret && kind(name) != .session) }

  @Test("Names of sessions and of what is no secret are told apart")
  func kinds() {
    #expect(kind("session_id") == .session)
    #expect(kind("ASP.NET_SessionId") == .session)
    #expect(kind("file") == .named)
    #expect(kind("roomName") == .named)
    #expect(kind("v") == .unknown)
  }
}
