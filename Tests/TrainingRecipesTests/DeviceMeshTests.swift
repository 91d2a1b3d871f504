import Testing
import TrainingRecipes

@Suite struct DeviceMeshTests {
    @Test("Ranks and coordinates are inverses, and groups list ranks by coordinate")
    func ranksAndCoordinatesAreInverses() {
        for replicas in 1...3 {
            for pipeline in 1...4 {
                for experts in 1...4 {
                    let grid = DeviceMesh(replicas: replicas, pipeline: pipeline, experts: experts)
                    for rank in 0..<grid.worldSize {
                        let place = grid.coordinate(ofRank: rank)
                        #expect(
                            grid.rank(replica: place.replica, pipeline: place.pipeline, expert: place.expert) == rank)
                        #expect(grid.expertGroup(ofRank: rank)[place.expert] == rank)
                        #expect(grid.pipelineGroup(ofRank: rank)[place.pipeline] == rank)
                    }
                }
            }
        }
    }
}
