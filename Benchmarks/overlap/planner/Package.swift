// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "overlap-planner-benchmark",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../../..")],
    targets: [
        .executableTarget(
            name: "overlap-planner-benchmark",
            dependencies: [.product(name: "SchedulePlanning", package: "contraflow")])
    ]
)
