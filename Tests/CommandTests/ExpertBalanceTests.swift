import Foundation
import Testing

/// Runs whose experts have more than one slot.
@Suite(
    .serialized,
    .enabled(
        if: FileManager.default.isExecutableFile(atPath: Command.products.appending(path: "contraflow-worker").path)))
struct ExpertBalanceTests {
    private func arguments(in folder: URL, steps: Int, _ options: String...) -> [String] {
        [
            "train", "--preset", "debug", "--data", folder.appending(path: "text.txt").path, "--job.dump_folder",
            folder.appending(path: "runs").path, "--pp", "1", "--ep", "2", "--steps", "\(steps)",
        ] + options
    }

    private func deviceBalances(_ run: URL) throws -> [Double] {
        try text(run.appending(path: "metrics.jsonl")).split(separator: "\n").compactMap { line in
            let metrics = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
            return metrics?["deviceBalance"] as? Double
        }
    }

    @Test("Every mode has the losses of a run without replicas, and balances its ranks") func modes() throws {
        try withText { folder in
            let placement = folder.appending(path: "placement.json")
            // Each of the two ranks holds all experts.
            try Data("[[0, 1, 2, 3, 4, 5, 6, 7, 7, 6, 5, 4, 3, 2, 1, 0]]".utf8).write(to: placement)
            let runs = folder.appending(path: "runs")
            let modes: [(name: String, options: [String])] = [
                ("off", []), ("static", ["--experts.placement", placement.path]),
                ("exact", ["--experts.balance_slots", "4"]),
            ]
            for (name, options) in modes {
                let command = try Command(
                    arguments: arguments(in: folder, steps: 8, "--job.name", name, "--model.dtype", "float64")
                        + ["--experts.balance", name] + options)
                #expect(command.status == 0, "\(command.errors)")
            }
            let expected = try losses(runs.appending(path: "off"))
            for name in ["static", "exact"] {
                let run = runs.appending(path: name)
                for (loss, reference) in zip(try losses(run), expected) { #expect(abs(loss - reference) < 1e-9) }
                let balances = try deviceBalances(run)
                #expect(balances.count == 8 && balances.allSatisfy { $0 > 0.95 }, "\(balances)")
            }
            #expect(try deviceBalances(runs.appending(path: "off")).contains { $0 < 0.95 })

            // The run has its own copy of the placement, and continues under another mode.
            try FileManager.default.removeItem(at: placement)
            let path = runs.appending(path: "static").path
            let resumed = try Command("train", "--resume", path, "--steps", "10")
            #expect(resumed.status == 0, "\(resumed.errors)")
            let other = try Command(
                "train", "--resume", path, "--steps", "12", "--experts.balance", "off", "--experts.placement", "")
            #expect(other.status == 0, "\(other.errors)")
            #expect(try losses(runs.appending(path: "static")).count == 12)
        }
    }

    @Test("Placements that do not fit are refused in one line") func refusals() throws {
        try withText { folder in
            let placement = folder.appending(path: "placement.json")
            let cases = [
                ("[[0, 1, 2, 3, 4, 5, 6, 6]]", "has no slot for expert 7"),
                ("[[0, 1, 2, 3, 4, 5, 6, 7, 0]]", "9 slots cannot be divided equally among 2 devices"),
                ("[[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 2, 3, 4, 5, 6, 7]]", "the placement has 2 layers of 8 slots"),
                ("[[0, 0, 0, 0, 0, 1, 1, 2, 3, 4, 5, 6, 7, 7]]", "the 2 ranks cannot own 4 experts each"),
                ("no placement", "experts.placement: "),
            ]
            for (contents, says) in cases {
                try Data(contents.utf8).write(to: placement)
                let command = try Command(
                    arguments: arguments(
                        in: folder, steps: 2, "--experts.balance", "static", "--experts.placement", placement.path))
                #expect(command.status == 1 && command.errors.contains(says), "\(command.errors)")
                #expect(command.errors.split(separator: "\n").count == 1, "\(command.errors)")
            }
            let missing = try Command(arguments: arguments(in: folder, steps: 2, "--experts.balance", "static"))
            #expect(missing.status == 1 && missing.errors.contains("needs a placement"), "\(missing.errors)")
            #expect(!FileManager.default.fileExists(atPath: folder.appending(path: "runs").path))
        }
    }
}
