namespace SimNet.Cli;

/// <summary>The pattern of the second color of a <see cref="Paint"/>.</summary>
internal enum PaintPattern
{
    None,

    /// <summary>Stripes across the u axis.</summary>
    Stripes,

    /// <summary>Stripes in both directions that add up where they cross, as in gingham.</summary>
    Checks,

    /// <summary>Lines in both directions.</summary>
    Grid,

    /// <summary>Dots, with every other row shifted by half the period.</summary>
    Dots,
}
