extension Recipe {
    /// Returns one line for each setting that is allowed but has an effect that is easily overlooked.
    ///
    /// - Parameters:
    ///   - split: The split of the dataset.
    ///   - fileCount: The number of files of the dataset.
    package func warnings(_ split: TokenSplit, fileCount: Int) -> [String] {
        var warnings: [String] = []
        let warmup = lrScheduler.warmupSteps
        if warmup > training.steps {
            warnings.append(
                "lr_scheduler.warmup_steps is \(warmup), but training.steps is \(training.steps): the learning rate "
                    + "stays below optimizer.lr")
        }
        if profiling.enableProfiling, profiling.profileFreq - profiling.profilerActive >= training.steps {
            warnings.append(
                "profiling.profile_freq is \(profiling.profileFreq), but training.steps is \(training.steps): no step is "
                    + "recorded")
        }
        if validation.split > 0, split.heldOut.isEmpty {
            warnings.append(
                "validation.split is \(validation.split), but no file has \(windowLength) tokens to hold out: there is "
                    + "no validation loss")
        }
        let short = fileCount - split.training.count
        if short > 0 {
            warnings.append(
                "training.dataset_path: \(short) of \(fileCount) files \(short == 1 ? "is" : "are") left out: a file "
                    + "needs \(windowLength) tokens without its held-out part")
        }
        return warnings
    }
}
