// swift-tools-version: 6.2
import PackageDescription

let argumentParser: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let system: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")

let swiftSettings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func collections(_ module: String) -> Target.Dependency {
    .product(name: module, package: "swift-collections")
}

func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: swiftSettings)
}

func tests(
    of name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = [],
    linkerSettings: [LinkerSetting] = []
) -> Target {
    .testTarget(
        name: name + "Tests", dependencies: [.byName(name: name), "TestSupport"] + dependencies, resources: resources,
        swiftSettings: swiftSettings, linkerSettings: linkerSettings)
}

/// An example. It has no package access, so that it sees what a user sees.
func example(_ name: String, _ folder: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Examples/\(folder)", exclude: ["README.md"],
        packageAccess: false,
        swiftSettings: swiftSettings)
}

let package = Package(
    name: "contraflow",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "PipelineActions", targets: ["PipelineActions"]),
        .library(name: "Timelines", targets: ["Timelines"]),
        .library(name: "ProfilerTraces", targets: ["ProfilerTraces"]),
        .library(name: "PipelineSchedules", targets: ["PipelineSchedules"]),
        .library(name: "SchedulePlanning", targets: ["SchedulePlanning"]),
        .library(name: "ExpertBalancing", targets: ["ExpertBalancing"]),
        .library(name: "ContraflowCharts", targets: ["ContraflowCharts"]),
        .library(name: "TrainingRecipes", targets: ["TrainingRecipes"]),
        .library(name: "ContraflowC", type: .dynamic, targets: ["ContraflowC"]),
        .executable(name: "contraflow", targets: ["contraflow"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-algorithms", from: "1.2.1"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2"),
        .package(url: "https://github.com/LebJe/TOMLKit", from: "0.6.0"),
    ],
    targets: [
        .systemLibrary(name: "CByteMasks"),
        .systemLibrary(name: "CProcessDescriptors"),
        .systemLibrary(
            name: "CISAL", providers: [.apt(["libisal-dev"]), .brew(["isa-l"])]),
        .systemLibrary(
            name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
        library("PipelineActions"),
        library("Timelines", ["PipelineActions"]),
        library("StreamCompression", ["CISAL", "CZstd"]),
        library("RankHeartbeats", ["CProcessDescriptors", "PipelineActions"]),
        library(
            "ProfilerTraces",
            [
                "PipelineActions", "Timelines", "StreamCompression", "CByteMasks", "CSQLite",
                collections("OrderedCollections"), .product(name: "Algorithms", package: "swift-algorithms"),
                system,
            ]),
        library("PipelineSchedules", ["PipelineActions"]),
        library(
            "SchedulePlanning",
            [
                "PipelineSchedules", "Timelines", collections("DequeModule"),
                .product(name: "Algorithms", package: "swift-algorithms"),
            ]),
        library(
            "ExpertBalancing",
            [.product(name: "Algorithms", package: "swift-algorithms")]),
        library("TrainingRecipes", ["PipelineSchedules", .product(name: "TOMLKit", package: "TOMLKit"), system]),
        // The resources are embedded in the binary, so that an installed command needs no other files.
        library(
            "ContraflowCharts", ["Timelines", "PipelineSchedules", "ExpertBalancing"],
            resources: [
                "Pages/page.css", "Pages/page.js", "Timeline/timeline.js", "Timeline/table.js", "Curves/curves.js",
                "Balance/maps.js",
            ].map { .embedInCode($0) }),
        library(
            "TrainingRuns",
            [
                "TrainingRecipes", "Timelines", "PipelineSchedules", "SchedulePlanning", "ContraflowCharts",
                "ExpertBalancing", "StreamCompression", "CISAL",
            ]),
        library("ContraflowC", ["ExpertBalancing"]),
        library("CommandUsage", [argumentParser, "TrainingRecipes"]),
        .executableTarget(
            name: "contraflow",
            dependencies: [
                argumentParser, "CommandUsage", "Timelines", "ProfilerTraces", "PipelineSchedules", "SchedulePlanning",
                "ExpertBalancing", "TrainingRecipes", "ContraflowCharts", "TrainingRuns", "StreamCompression",
                "RankHeartbeats",
                .product(name: "Subprocess", package: "swift-subprocess"),
                system,
            ],
            swiftSettings: swiftSettings),
        example("own-schedule", "OwnSchedule", ["PipelineSchedules", "SchedulePlanning", "ContraflowCharts"]),
        example("balance-experts", "BalanceExperts", ["ExpertBalancing"]),
        example("analyze-traces", "AnalyzeTraces", ["ProfilerTraces", "Timelines"]),
        .target(name: "TestSupport", path: "Tests/TestSupport", swiftSettings: swiftSettings),
        tests(of: "PipelineActions"),
        tests(of: "Timelines"),
        tests(of: "StreamCompression", ["CZstd"]),
        tests(of: "RankHeartbeats", ["CProcessDescriptors", "PipelineActions"]),
        tests(
            of: "ProfilerTraces", ["CByteMasks", "CSQLite", "PipelineSchedules", "SchedulePlanning", "Timelines"],
            resources: [.copy("Fixtures")]),
        tests(of: "PipelineSchedules", resources: [.copy("Fixtures")]),
        tests(of: "SchedulePlanning", ["Timelines"]),
        tests(of: "CommandUsage", [argumentParser]),
        tests(of: "ExpertBalancing", resources: [.copy("Fixtures")]),
        tests(of: "TrainingRecipes"),
        tests(of: "ContraflowCharts", ["SchedulePlanning", "Timelines"], resources: [.copy("Fixtures")]),
        tests(of: "TrainingRuns", ["PipelineSchedules", "SchedulePlanning", "Timelines", "TrainingRecipes"]),
        .testTarget(
            name: "CommandTests", dependencies: ["contraflow", "StreamCompression", "TestSupport"],
            exclude: ["Snapshots"],
            swiftSettings: swiftSettings),
    ],
    cxxLanguageStandard: .cxx20
)

// CONTRAFLOW_LIBTORCH is the folder of libtorch: the `torch` folder of a PyTorch wheel. If the variable is not set,
// only the targets above are built, which need no unsafe flags.
if let libtorch = Context.environment["CONTRAFLOW_LIBTORCH"], !libtorch.isEmpty {
    let compile: [CXXSetting] = [
        .unsafeFlags(["-isystem", "\(libtorch)/include", "-isystem", "\(libtorch)/include/torch/csrc/api/include"]),
        .define("_GLIBCXX_USE_CXX11_ABI", to: "1"),
    ]
    let groups: [CXXSetting] = [
        .headerSearchPath("GlooDeclarations"), .headerSearchPath("../ContraflowNCCL/include"),
        .headerSearchPath("../CProcessDescriptors"),
        .define("USE_C10D_GLOO"),
    ]
    let link: [LinkerSetting] = [
        .unsafeFlags(["-L\(libtorch)/lib", "-Xlinker", "-rpath", "-Xlinker", "\(libtorch)/lib"]),
        .linkedLibrary("torch_cpu"),
        .linkedLibrary("c10"),
    ]
    package.products += [
        .library(name: "LibTorch", targets: ["LibTorch"]),
        .library(name: "MoEModels", targets: ["MoEModels"]),
        .library(name: "DistributedRuntime", targets: ["DistributedRuntime"]),
        .library(name: "PipelineRuntime", targets: ["PipelineRuntime"]),
        .library(name: "PipelineTraining", targets: ["PipelineTraining"]),
        .executable(name: "contraflow-worker", targets: ["contraflow-worker"]),
    ]
    package.targets += [
        .target(name: "CLibTorch", cxxSettings: compile + groups, linkerSettings: link),
        library("LibTorch", ["CLibTorch"]),
        library("MoEModels", ["ExpertBalancing", "LibTorch", "PipelineSchedules", "TrainingRecipes"]),
        library("DistributedRuntime", ["CLibTorch", "LibTorch", "RankHeartbeats", "TrainingRecipes"]),
        library(
            "PipelineRuntime",
            [
                "DistributedRuntime", "ExpertBalancing", "LibTorch", "MoEModels", "PipelineSchedules", "RankHeartbeats",
                "SchedulePlanning", "Timelines", "TrainingRecipes",
            ]),
        library(
            "PipelineTraining",
            [
                "DistributedRuntime", "ExpertBalancing", "LibTorch", "MoEModels", "PipelineRuntime",
                "PipelineSchedules",
                "RankHeartbeats", "SchedulePlanning", "Timelines", "TrainingRecipes", "TrainingRuns",
            ],
            resources: [.embedInCode("Generation/tokenizer.py")]),
        .executableTarget(
            name: "contraflow-worker",
            dependencies: [
                argumentParser, "CommandUsage", "DistributedRuntime", "PipelineTraining", "LibTorch", "RankHeartbeats",
                "TrainingRecipes", "TrainingRuns",
            ],
            swiftSettings: swiftSettings),
        example(
            "own-model", "OwnModel",
            [
                "DistributedRuntime", "LibTorch", "MoEModels", "PipelineRuntime", "PipelineSchedules",
                "PipelineTraining", "TrainingRecipes",
            ]),
        tests(of: "LibTorch", ["CLibTorch"], resources: [.copy("Fixtures")]),
        tests(of: "MoEModels", ["LibTorch", "TrainingRecipes"]),
        tests(of: "DistributedRuntime", ["LibTorch", "RankHeartbeats", "SchedulePlanning", "TrainingRecipes"]),
        tests(
            of: "PipelineRuntime",
            [
                "DistributedRuntime", "LibTorch", "MoEModels", "PipelineActions", "PipelineSchedules", "Timelines",
                "TrainingRecipes",
            ]),
        tests(
            of: "PipelineTraining",
            [
                "DistributedRuntime", "ExpertBalancing", "PipelineRuntime", "LibTorch", "MoEModels",
                "PipelineSchedules", "SchedulePlanning", "Timelines", "TrainingRecipes", "TrainingRuns",
            ]),
    ]
    // NCCL groups need a libtorch with CUDA, and the folders of CUDA's and NCCL's headers in CONTRAFLOW_CUDA_INCLUDE,
    // separated by ':'. They are in a separate library, which a rank loads only if it computes on a CUDA device.
    if let folders = Context.environment["CONTRAFLOW_CUDA_INCLUDE"], !folders.isEmpty {
        let headers = folders.split(separator: ":").flatMap { ["-isystem", String($0)] }
        package.products.append(.library(name: "ContraflowNCCL", type: .dynamic, targets: ["ContraflowNCCL"]))
        package.targets.append(
            .target(
                name: "ContraflowNCCL",
                cxxSettings: compile + [.unsafeFlags(headers), .define("USE_C10D_NCCL")],
                linkerSettings: link + [.linkedLibrary("torch_cuda"), .linkedLibrary("c10_cuda")]))
    }
    if Context.environment["CONTRAFLOW_BENCHMARKS"] != nil {
        package.targets.append(
            .executableTarget(
                name: "pipeline-benchmark",
                dependencies: [
                    argumentParser, "DistributedRuntime", "LibTorch", "MoEModels", "PipelineRuntime",
                    "PipelineSchedules", "PipelineTraining", "SchedulePlanning", "Timelines", "TrainingRecipes",
                ],
                path: "Benchmarks/pipeline/Sources", swiftSettings: swiftSettings))
    }
}

// Benchmarks and the fuzzing of readers use package-internal declarations. Packages that depend on this one do not build
// them.
if Context.environment["CONTRAFLOW_BENCHMARKS"] != nil {
    let hasLibTorch = package.targets.contains { $0.name == "DistributedRuntime" }
    package.targets.append(
        .executableTarget(
            name: "fuzz-readers",
            dependencies: [
                "ExpertBalancing", "PipelineSchedules", "ProfilerTraces", "SchedulePlanning", "StreamCompression",
                "Timelines", "TrainingRecipes", "TrainingRuns",
            ] + (hasLibTorch ? ["DistributedRuntime", "PipelineTraining"] : []),
            path: "Tests/Fuzzing/Sources",
            swiftSettings: swiftSettings + (hasLibTorch ? [.define("HAS_LIBTORCH")] : [])))
}
