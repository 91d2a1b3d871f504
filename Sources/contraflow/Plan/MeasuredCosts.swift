import Foundation
import PipelineSchedules
import SchedulePlanning
import Timelines
import TrainingRecipes
import TrainingRuns

/// What a training run's stages took: the timeline of its last step, read with the recipe that says which schedule it was.
struct MeasuredCosts {
    /// What each stage of the chain took, in nanoseconds, from the first to the last.
    let costs: PipelineCosts
    /// How many stages a rank holds of a chain.
    let stagesPerRank: Int

    /// The costs that the run in a folder measured.
    init(ofRun path: String) throws {
        let folder = RunFolder(url: URL(filePath: path, directoryHint: .isDirectory))
        let layout = try folder.loadRecipe(readFile: readFile).parallelism
        let spans = try MeasuredSpan.all(in: folder.timeline.path(percentEncoded: false))
        let chains = try Self.chains(of: layout, spans, path)
        let grid = DeviceMesh(
            pipeline: max(layout.pipelineParallelDegree, 1), experts: max(layout.expertParallelDegree, 1))
        var timeline = Timeline()
        for span in spans {
            guard chains.contains(where: { $0.stages.contains(span.stage) }), span.rank < grid.worldSize else {
                throw CommandError(
                    "\(path): the timeline has \(span.label.name) on rank \(span.rank), not the recipe")
            }
            timeline.append(
                start: span.start, duration: span.duration, lane: TimelineLane(rank: span.rank, name: ""),
                label: span.label)
        }
        let fitted: PipelineCosts
        do {
            fitted = try PipelineCosts(fitting: timeline, chains: chains, experts: grid.experts)
        } catch {
            throw CommandError("\(path): \(error)")
        }
        costs = Self.averaged(fitted, over: chains)
        stagesPerRank = max(chains[0].stages.count / grid.pipeline, 1)
    }

    /// The chains that ran: the recipe names the schedule, or a file of `parallelism.num_chains` chains; the timeline has
    /// the ranks.
    private static func chains(
        of layout: Recipe.ParallelismSection, _ spans: [MeasuredSpan], _ path: String
    ) throws -> [Chain] {
        let stageCount = (spans.map(\.stage).max() ?? -1) + 1
        let known = BuiltInSchedule(named: layout.pipelineParallelSchedule)
        let chainCount = known.map { [.dualPipe, .chimera].contains($0) ? 2 : 1 } ?? layout.numChains
        guard chainCount > 0, stageCount > 0, stageCount.isMultiple(of: chainCount) else {
            throw CommandError("\(path): the timeline has \(stageCount) stages, which are not \(chainCount) chains")
        }
        var ranks = [Int](repeating: 0, count: stageCount)
        let experts = max(layout.expertParallelDegree, 1)
        for span in spans where span.rank % experts == 0 {
            ranks[span.stage] = span.rank / experts
        }
        let length = stageCount / chainCount
        let counts = (spans.map(\.microbatch).max() ?? 0) + 1
        return (0..<chainCount).map { chain in
            let stages = chain * length..<(chain + 1) * length
            return Chain(stages: stages, ranks: Array(ranks[stages]), microbatchCount: counts)
        }
    }

    /// The stages of one chain, each the mean of its copies in all chains.
    private static func averaged(_ costs: PipelineCosts, over chains: [Chain]) -> PipelineCosts {
        let length = chains[0].stages.count
        var result = costs
        result.stages = (0..<length).map { place in
            let copies = chains.map { costs.stage($0.stages.lowerBound + place) }
            func mean(_ part: (StageCosts) -> Int64) -> Int64 { copies.map(part).reduce(0, +) / Int64(copies.count) }
            return StageCosts(
                forward: mean(\.forward), inputGradient: mean(\.inputGradient),
                weightGradient: mean(\.weightGradient))
        }
        return result
    }
}
