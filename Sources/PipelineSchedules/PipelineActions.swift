// A schedule is rows of actions: whoever imports this module sees them, too.
@_exported public import PipelineActions
