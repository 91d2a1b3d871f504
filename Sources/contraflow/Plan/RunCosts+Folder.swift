import Foundation
import ProfilerTraces
import SchedulePlanning
import TrainingRecipes
import TrainingRuns

extension RunCosts {
    /// Reads the costs that a run measured from the run's folder.
    init(ofRun path: String) throws {
        let folder = RunFolder(url: URL(filePath: path, directoryHint: .isDirectory))
        let parallelism = try folder.loadRecipe().parallelism
        _ = try OpenFolder(folder.url).file(folder.timeline.lastPathComponent)
        do {
            let timeline = try RankTrace.timeline(path: folder.timeline.path(percentEncoded: false))
            self = try RunCosts(fitting: timeline, parallelism: parallelism)
        } catch let error as TraceReadError {
            throw CommandError(error.description)
        } catch {
            throw CommandError("\(path): \(error)")
        }
    }
}
