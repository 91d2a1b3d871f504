// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "analyze-benchmark",
    platforms: [.macOS(.v26)],
    targets: [.executableTarget(name: "make-trace")]
)
