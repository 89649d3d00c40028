// swift-tools-version: 6.2
import PackageDescription

// A package of its own: `swift build` and `swift test` at the top never build the benchmark.
let house: [SwiftSetting] = [.strictMemorySafety(), .treatAllWarnings(as: .error)]

let package = Package(
  name: "Benchmarks",
  targets: [
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "CommandLineSupport", swiftSettings: house),
    .executableTarget(
      name: "generate-captures", dependencies: ["CommandLineSupport", "CZlib"], swiftSettings: house),
    .executableTarget(name: "deflate-floor", dependencies: ["CZlib"]),
    .executableTarget(name: "pcap-floor", dependencies: ["CPcap"]),
    .executableTarget(name: "inflate-floor", dependencies: ["CZlib"]),
    .executableTarget(name: "benchmark", dependencies: ["CommandLineSupport"], swiftSettings: house),
  ],
  swiftLanguageModes: [.v6]
)
