// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "weaver-benchmark",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../../..")],
    targets: [
        .executableTarget(
            name: "weaver-benchmark",
            dependencies: [.product(name: "SchedulePlanning", package: "contraflow")])
    ]
)
