public import ArgumentParser
import Foundation
import PipelineSchedules
public import TrainingRecipes
import TrainingRuns

/// Trains a model on local ranks.
struct TrainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train",
        abstract: "Train a Mixture-of-Experts model with DualPipe and expert parallelism.",
        discussion: """
            A preset, then a recipe file, then options decide the run; later ones win. Every key of a recipe is an option:
            --optimizer.rate 1e-3. Presets:
            \(Preset.allCases.map { "  \($0.rawValue): \($0.purpose)" }.joined(separator: "\n"))

            Examples:
              contraflow train
              contraflow train --preset debug --pipeline 2 --experts 1 --schedule 1f1b
              contraflow train mine.toml --data.path ~/texts --run.steps 1000
              contraflow train --preset deepseek-v3-671b --dry-run

            Exit codes: 0 done, 1 refused or failed, 64 wrong usage, 70 a rank failed, 130 after Ctrl-C.
            """)

    @Option(help: "The preset to begin with.")
    var preset: Preset = .shakespeare

    @Option(help: "Ranks of the pipeline: layout.pipeline.")
    var pipeline: String?

    @Option(help: "Ranks of an expert-parallel group: layout.experts.")
    var experts: String?

    @Option(help: "The schedule's name or a CSV file: layout.schedule.")
    var schedule: String?

    @Option(help: "Steps of training: run.steps.")
    var steps: String?

    @Option(help: "What to learn from: data.path.")
    var data: String?

    @Flag(help: "Print the recipe as TOML, with what each key means, and stop.")
    var printRecipe = false

    @Flag(help: "Check everything, print parameters and memory, and stop.")
    var dryRun = false

    @OptionGroup var output: OutputOptions

    @Argument(
        parsing: .allUnrecognized,
        help: ArgumentHelp("A recipe file, and --section.key value for any of its keys.", valueName: "recipe"))
    var rest: [String] = []

    func run() throws {
        let recipe = try resolvedRecipe()
        if printRecipe {
            return try output.write(recipe.toml())
        }
        let schedule = try recipe.preflight(readFile: readFile)
        if dryRun {
            return try output.write(try DryRun(recipe: recipe, schedule: schedule).text())
        }
        guard FileManager.default.fileExists(atPath: recipe.data.path) else {
            throw CommandFailure(
                "data.path: \(recipe.data.path) does not exist: name a text file or a folder, or run 'make data' for "
                    + "Shakespeare's works")
        }
        let worker = try WorkerProgram.find()
        let folder = try RunFolder.create(named: recipe.run.name, in: URL(filePath: recipe.run.folder))
        try Data(recipe.toml().utf8).write(to: folder.recipe)
        try LocalRun(recipe: recipe, worker: worker, folder: folder).run()
    }

    private func resolvedRecipe() throws -> Recipe {
        var recipe = preset.recipe
        var position = 0
        var overrides: [(name: String, value: String)] = []
        while position < rest.count {
            let word = rest[position]
            guard word.hasPrefix("--") else {
                let text = String(decoding: try readFile(word), as: UTF8.self)
                try recipe.merge(toml: text, source: word)
                position += 1
                continue
            }
            let parts = word.dropFirst(2).split(separator: "=", maxSplits: 1).map(String.init)
            if parts.count == 2 {
                overrides.append((parts[0], parts[1]))
                position += 1
            } else {
                guard position + 1 < rest.count else { throw ValidationError("\(word) needs a value") }
                overrides.append((String(word.dropFirst(2)), rest[position + 1]))
                position += 2
            }
        }
        let named = [
            ("layout.pipeline", pipeline), ("layout.experts", experts), ("layout.schedule", schedule),
            ("run.steps", steps), ("data.path", data),
        ]
        for (name, value) in named { if let value { overrides.append((name, value)) } }
        do {
            for (name, value) in overrides { try recipe.set(name, to: value) }
        } catch {
            throw ValidationError(error.description)
        }
        return recipe
    }
}

extension Preset: ExpressibleByArgument {}
