namespace SimNet.Cli;

/// <summary>How a <see cref="Paint"/>'s second color lies over its first.</summary>
internal enum PaintPattern
{
    None,

    /// <summary>Bands across the u axis.</summary>
    Stripes,

    /// <summary>Bands both ways, half as strong where only one lies, as in gingham.</summary>
    Checks,

    /// <summary>Lines both ways.</summary>
    Grid,

    /// <summary>Dots, every other row shifted by half.</summary>
    Dots,
}
