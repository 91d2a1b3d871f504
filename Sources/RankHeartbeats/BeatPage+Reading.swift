import PipelineActions

extension BeatPage {
    /// The state that the rank has published. `rank` is the rank of the page.
    package func reading(ofRank rank: Int) -> RankBeat {
        var beat = RankBeat()
        beat.beats = load(.beats)
        beat.process = Int32(truncatingIfNeeded: load(.process))
        beat.host = host
        // The words of an operation change together with its number. If they change meanwhile, the next reading tells.
        beat.operations = load(.operations)
        beat.phase = phase
        beat.step = Int(truncatingIfNeeded: load(.step))
        let action = load(.action)
        if action != 0 { beat.action = Action(bits: action).description }
        beat.segment = text(atName: Int(load(.segment)) - 1)
        if let wait = RankWait(bits: load(.wait)), let operation = wait.operation {
            beat.wait = operation.text
            let ranks = ranks(ofGroup: wait.group)
            if let member = wait.member {
                beat.peers = ranks.indices.contains(member) ? [ranks[member]] : []
            } else {
                beat.peers = ranks
            }
            beat.peers.removeAll { $0 == rank }
        }
        return beat
    }
}
