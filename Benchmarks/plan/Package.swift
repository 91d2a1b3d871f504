// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "plan-benchmark",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../..")],
    targets: [
        .executableTarget(
            name: "plan-benchmark",
            dependencies: [
                .product(name: "PipelineSchedules", package: "contraflow"),
                .product(name: "SchedulePlanning", package: "contraflow"),
            ])
    ]
)
