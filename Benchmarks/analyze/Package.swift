// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "analyze-benchmark",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../..")],
    targets: [
        .executableTarget(name: "make-trace"),
        .executableTarget(
            name: "read-trace", dependencies: [.product(name: "ProfilerTraces", package: "contraflow")]),
    ]
)
