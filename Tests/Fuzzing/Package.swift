// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "fuzzing",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../..")],
    targets: [
        .executableTarget(
            name: "fuzz-readers",
            dependencies: [
                .product(name: "ProfilerTraces", package: "contraflow"),
                .product(name: "Timelines", package: "contraflow"),
            ])
    ]
)
