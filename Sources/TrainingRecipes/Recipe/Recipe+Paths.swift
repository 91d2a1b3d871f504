import Foundation

extension Recipe {
    /// Returns the recipe with the absolute paths of its files, so that it does not depend on the working directory.
    public func withAbsolutePaths() -> Recipe {
        func absolute(_ path: String) -> String {
            path.isEmpty ? path : URL(filePath: path).standardizedFileURL.path(percentEncoded: false)
        }
        var result = self
        result.model.weights = absolute(model.weights)
        result.experts.placement = absolute(experts.placement)
        result.training.datasetPath = training.datasetPath.map(absolute)
        result.job.dumpFolder = absolute(job.dumpFolder)
        if readsSchedule {
            result.parallelism.pipelineParallelSchedule = absolute(parallelism.pipelineParallelSchedule)
        }
        return result
    }
}
