// swift-tools-version: 6.2
import PackageDescription

let package = Package(
    name: "balance-benchmark",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "contraflow", path: "../..")],
    targets: [
        .executableTarget(
            name: "balance-benchmark", dependencies: [.product(name: "ExpertBalancing", package: "contraflow")])
    ]
)
