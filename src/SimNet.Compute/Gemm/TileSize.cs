namespace SimNet.Compute;

/// <summary>A compile-time constant: the number of rows or vectors of a tile of <see cref="GemmKernel{TSimd, TVector}"/>.</summary>
internal interface ITileSize
{
    static abstract int Value { get; }
}

internal readonly struct TileSize1 : ITileSize
{
    public static int Value => 1;
}

internal readonly struct TileSize2 : ITileSize
{
    public static int Value => 2;
}

internal readonly struct TileSize3 : ITileSize
{
    public static int Value => 3;
}

internal readonly struct TileSize4 : ITileSize
{
    public static int Value => 4;
}

internal readonly struct TileSize5 : ITileSize
{
    public static int Value => 5;
}

internal readonly struct TileSize6 : ITileSize
{
    public static int Value => 6;
}

internal readonly struct TileSize7 : ITileSize
{
    public static int Value => 7;
}

internal readonly struct TileSize8 : ITileSize
{
    public static int Value => 8;
}
