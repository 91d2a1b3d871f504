import Foundation
package import TrainingRecipes

extension Recipe {
    /// Returns the learning rate of a step, counted from 1: a linear warm-up, then a decay to the lowest rate.
    package func learningRate(ofStep step: Int) -> Double {
        let warmup = lrScheduler.warmupSteps
        if step <= warmup { return optimizer.lr * Double(step) / Double(warmup) }
        let progress = Double(step - warmup) / Double(max(training.steps - warmup, 1))
        let lowest = optimizer.lr * lrScheduler.minLRFactor
        return lowest + (optimizer.lr - lowest) * lrScheduler.decayType.share(at: progress)
    }

    /// Returns the optimizer's settings for a step, counted from 1.
    package func optimizerStep(_ step: Int) -> OptimizerStep {
        OptimizerStep(
            number: step, lr: learningRate(ofStep: step), betas: (optimizer.beta1, optimizer.beta2),
            eps: optimizer.eps, weightDecay: optimizer.weightDecay,
            maxNorm: training.maxNorm > 0 ? training.maxNorm : nil)
    }
}

extension Recipe.LRSchedulerSection.DecayType {
    /// Returns the share of the decay that is still ahead: 1 at progress 0, 0 at progress 1.
    fileprivate func share(at progress: Double) -> Double {
        switch self {
        case .cosine: (1 + cos(.pi * progress)) / 2
        case .linear: 1 - progress
        case .sqrt: 1 - progress.squareRoot()
        }
    }
}
