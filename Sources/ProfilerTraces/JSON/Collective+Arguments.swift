extension Collective {
    /// The collective that a kernel's arguments name; nil if they name none.
    init?(arguments: BytePointer, _ end: BytePointer) {
        self.init()
        var isNamed = false
        _ = JSONBytes.forEachMember(arguments, end) { key, start, stop in
            switch key.count {
            case 15 where key.isEqual(to: "Collective name"):
                operation = JSONBytes.text(start, stop)
                isNamed = true
            case 13 where key.isEqual(to: "In msg nelems"):
                inputElements = JSONBytes.integer(JSONBytes.bytes(start, stop))
            case 14 where key.isEqual(to: "Out msg nelems"):
                outputElements = JSONBytes.integer(JSONBytes.bytes(start, stop))
            case 10 where key.isEqual(to: "Group size"):
                groupSize = JSONBytes.integer(JSONBytes.bytes(start, stop)).map(Int.init)
            case 5 where key.isEqual(to: "dtype"): elementType = JSONBytes.text(start, stop)
            case 18 where key.isEqual(to: "Process Group Name"): group = JSONBytes.text(start, stop)
            case 25 where key.isEqual(to: "Process Group Description"): groupDescription = JSONBytes.text(start, stop)
            case 19 where key.isEqual(to: "Process Group Ranks"): groupRanks = JSONBytes.text(start, stop)
            case 3 where key.isEqual(to: "Seq"): sequenceNumber = JSONBytes.integer(JSONBytes.bytes(start, stop))
            case 8 where key.isEqual(to: "Src Rank") || key.isEqual(to: "Dst Rank"):
                peer = JSONBytes.integer(JSONBytes.bytes(start, stop)).map(Int.init)
            default: break
            }
        }
        if !isNamed { return nil }
        // The numbers of messages are not those at the other end, and would make all messages distinct.
        if isSend || isReceive { sequenceNumber = nil }
    }
}
