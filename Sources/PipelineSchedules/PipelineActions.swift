// A schedule is rows of actions: users of this module see them as well.
@_exported public import PipelineActions
