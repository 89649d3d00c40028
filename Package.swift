// swift-tools-version: 6.2
import PackageDescription

/// Every target of ours is held to the same rules: strict memory safety and the Swift 6 language mode.
/// CI turns warnings into errors (`WSTAP_WARNINGS_AS_ERRORS=1`); a user's newer compiler must not.
let house: [SwiftSetting] =
  [
    .strictMemorySafety(),
    .swiftLanguageMode(.v6),
    .enableExperimentalFeature("Lifetimes"),
  ] + (Context.environment["WSTAP_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)])

/// WSTAP_FUZZING=1 adds the fuzzer and instruments what it looks into (Tests/Fuzzing/README.md).
let isFuzzing = Context.environment["WSTAP_FUZZING"] != nil
let strict = house + (isFuzzing ? [.unsafeFlags(["-sanitize=fuzzer,address"])] : [])

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name, dependencies: dependencies + ["TestSupport"], path: "Tests/\(name)", swiftSettings: strict)
}

/// WSTAP_TESTS=HTTP1Tests,SampleTests leaves out the other test targets, for a quicker round while working on one module.
let chosenTests = Context.environment["WSTAP_TESTS"]?.split(separator: ",").map(String.init)

let package = Package(
  name: "wstap",
  products: [
    .executable(name: "wstap", targets: ["wstap"]),
    .library(name: "WebSocketCapture", targets: ["WebSocketCapture"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
  ],
  targets: [
    // System libraries: module maps and nothing else.
    .systemLibrary(name: "CPcap", pkgConfig: "libpcap", providers: [.apt(["libpcap-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CLZ4", pkgConfig: "liblz4", providers: [.apt(["liblz4-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // An instruction.
    .systemLibrary(name: "CPrefetch"),

    // A setting of the allocator.
    .systemLibrary(name: "CAllocator"),

    // An allocator that says when memory runs short.
    .target(name: "CMemoryReserve"),

    // What a process gives up: capabilities, files, system calls.
    .systemLibrary(name: "CRights"),

    // Protocol layers: siblings that do not know each other (docs/architecture.md).
    module("WireBytes", ["CPrefetch", "CAllocator"]),
    module("Threads", []),
    module("Files", []),
    module("Rights", ["CRights"]),
    module("CaptureInput", ["WireBytes", "Threads", "Files", "CPcap", "CZlib", "CZstd", "CLZ4"]),
    module("PacketLayers", ["WireBytes"]),
    module(
      "TCPReassembly",
      [
        "PacketLayers", "WireBytes", "CPrefetch",
        .product(name: "BasicContainers", package: "swift-collections"),
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    module("Preambles", ["PacketLayers", "WireBytes"]),
    module("HTTP1", ["WireBytes", "CCrypto"]),
    module("WebSocketDecoding", ["WireBytes"]),

    // What wires them, what prints them, what starts them.
    module(
      "SessionAnalysis", ["WireBytes", "PacketLayers", "TCPReassembly", "HTTP1", "WebSocketDecoding"]),
    module(
      "Sessions",
      [
        "SessionAnalysis", "WireBytes", "CaptureInput", "PacketLayers", "TCPReassembly", "HTTP1", "Preambles",
        "WebSocketDecoding", "CPrefetch",
        .product(name: "BasicContainers", package: "swift-collections"),
      ]),
    module(
      "Pipeline",
      [
        "Sessions", "WireBytes", "Threads", "CaptureInput", "PacketLayers", "TCPReassembly",
        "WebSocketDecoding", .product(name: "HeapModule", package: "swift-collections"),
      ]),
    module(
      "Output",
      [
        "Sessions", "SessionAnalysis", "Threads", "CaptureInput", "TCPReassembly", "WebSocketDecoding",
        "HTTP1", "Preambles", "PacketLayers", "WireBytes",
      ]),
    module(
      "WebSocketCapture",
      [
        "Output", "Pipeline", "Sessions", "SessionAnalysis", "CaptureInput", "Files", "PacketLayers",
        "TCPReassembly", "HTTP1", "Preambles", "WebSocketDecoding", "WireBytes",
        .product(name: "DequeModule", package: "swift-collections"),
      ]),
    .executableTarget(
      name: "wstap",
      dependencies: [
        "Output", "Pipeline", "Sessions", "SessionAnalysis", "TCPReassembly", "CaptureInput", "WireBytes",
        "Files",
        "Rights", "CMemoryReserve", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // Tests.
    .target(
      name: "TestSupport", dependencies: ["WireBytes", "CZlib", "CZstd", "CLZ4"], path: "Tests/TestSupport",
      swiftSettings: strict),
    tests("WireBytesTests", ["WireBytes"]),
    tests("ThreadsTests", ["Threads"]),
    tests("FilesTests", ["Files"]),
    tests("RightsTests", ["Rights", "Threads", "CRights"]),
    tests("CaptureInputTests", ["CaptureInput", "Files", "WireBytes", "CPcap", "CZlib", "CZstd", "CLZ4"]),
    tests("PreamblesTests", ["Preambles", "PacketLayers", "WireBytes"]),
    tests("HTTP1Tests", ["HTTP1", "WireBytes"]),
    tests("WebSocketDecodingTests", ["WebSocketDecoding", "WireBytes", "CZlib"]),
    .target(
      name: "SessionTestSupport",
      dependencies: [
        "TestSupport", "Pipeline", "Sessions", "SessionAnalysis", "PacketLayers", "WebSocketDecoding",
        "WireBytes",
      ],
      path: "Tests/SessionTestSupport", swiftSettings: strict),
    tests(
      "SessionAnalysisTests",
      [
        "SessionTestSupport", "Output", "Pipeline", "Sessions", "SessionAnalysis", "PacketLayers",
        "TCPReassembly", "HTTP1", "WebSocketDecoding", "WireBytes",
      ]),
    tests(
      "SessionsTests",
      [
        "SessionTestSupport", "Output", "Pipeline", "Sessions", "SessionAnalysis", "PacketLayers",
        "TCPReassembly",
        "HTTP1", "Preambles", "WebSocketDecoding", "WireBytes",
      ]),
    tests(
      "PipelineTests",
      [
        "SessionTestSupport", "Pipeline", "Sessions", "SessionAnalysis", "WebSocketDecoding", "CaptureInput",
        "Files", "PacketLayers", "TCPReassembly", "WireBytes",
      ]),
    tests(
      "OutputTests",
      [
        "Output", "Threads", "Sessions", "SessionAnalysis", "CaptureInput", "PacketLayers", "TCPReassembly",
        "HTTP1", "Preambles", "WebSocketDecoding", "WireBytes",
      ]),
    tests("PacketLayersTests", ["PacketLayers", "WireBytes"]),
    tests("TCPReassemblyTests", ["TCPReassembly", "PacketLayers", "WireBytes"]),
    tests(
      "SampleTests",
      [
        "wstap", "Rights", "Output", "Pipeline", "Sessions", "SessionAnalysis", "TCPReassembly",
        "WebSocketDecoding", "WireBytes",
      ]),
    tests("WebSocketCaptureTests", ["WebSocketCapture", "WireBytes"]),
    .target(
      name: "FuzzTargets",
      dependencies: [
        "CaptureInput", "Files", "PacketLayers", "TCPReassembly", "HTTP1", "Preambles", "WebSocketDecoding",
        "Pipeline", "Sessions", "Output", "WebSocketCapture", "WireBytes", "CZlib",
      ],
      path: "Tests/Fuzzing/FuzzTargets", swiftSettings: strict),
    .testTarget(
      name: "FuzzReplayTests", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/Replay",
      swiftSettings: strict),
  ]
    + (isFuzzing
      ? [
        .executableTarget(
          name: "fuzz", dependencies: ["FuzzTargets"], path: "Tests/Fuzzing/fuzz", swiftSettings: house,
          linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
      ] : [])
)

if let chosenTests {
  package.targets.removeAll { $0.type == .test && !chosenTests.contains($0.name) }
}
