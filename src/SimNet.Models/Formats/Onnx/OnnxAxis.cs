namespace SimNet.Models;

/// <summary>What an axis of a value in the graph steps through.</summary>
internal enum OnnxAxis
{
    /// <summary>Nothing: its size is 1.</summary>
    One,

    /// <summary>The channels.</summary>
    Channels,

    /// <summary>The rows of a channel.</summary>
    Rows,

    /// <summary>The columns of a channel.</summary>
    Columns,

    /// <summary>The pixels of a channel, row by row.</summary>
    Pixels,

    /// <summary>All values of a sample.</summary>
    Values,

    /// <summary>Anything else, such as a part of the channels.</summary>
    Other,
}
