namespace SimNet.Embeddings;

/// <summary>The chromaticities (CIE 1931 x and y) of the white and the three primaries of an RGB color space.</summary>
internal sealed record ColorPrimaries(
    double WhiteX, double WhiteY, double RedX, double RedY, double GreenX, double GreenY, double BlueX, double BlueY)
{
    private const double D65X = 0.3127, D65Y = 0.3290;

    /// <summary>The cone responses of Bradford (ICC.1:2022, annex E).</summary>
    private static readonly ColorMatrix Bradford = new(0.8951, 0.2664, -0.1614, -0.7502, 1.7135, 0.0367, 0.0389, -0.0685, 1.0296);

    /// <summary>The white of profile connection (ICC.1:2022, 7.2.16).</summary>
    private static readonly double[] D50 = [0.9642, 1, 0.8249];

    /// <summary>sRGB and BT.709.</summary>
    public static ColorPrimaries Srgb { get; } = new(D65X, D65Y, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06);

    /// <summary>The matrix from profile connection (XYZ with white D50) to linear sRGB.</summary>
    public static ColorMatrix ConnectionToSrgb { get; } = Srgb.ToConnection().Invert();

    /// <summary>Whether there is a color space of these primaries: they are not on a line, and the white has a luminance.</summary>
    public bool AreValid
    {
        get
        {
            ColorMatrix matrix = ToConnection();
            return Enumerable.Range(0, 9).All(i => double.IsFinite(matrix[i / 3, i % 3]));
        }
    }

    /// <summary>Returns the primaries of a code of ITU-T H.273, table 2; null if it is reserved or not RGB.</summary>
    public static ColorPrimaries? FromCode(int code) => code switch
    {
        1 or 2 => Srgb,
        4 => new(0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
        5 => new(D65X, D65Y, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
        6 or 7 => new(D65X, D65Y, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
        8 => new(0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
        9 => new(D65X, D65Y, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
        11 => new(0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
        12 => new(D65X, D65Y, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
        22 => new(D65X, D65Y, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
        _ => null,
    };

    /// <summary>
    /// Returns the matrix from linear RGB to profile connection: the primaries scaled so that their sum is the white, which is adapted to
    /// D50. Its values are not finite if the chromaticities are not those of a color space.
    /// </summary>
    public ColorMatrix ToConnection()
    {
        var primaries = new ColorMatrix(
            RedX, GreenX, BlueX,
            RedY, GreenY, BlueY,
            1 - RedX - RedY, 1 - GreenX - GreenY, 1 - BlueX - BlueY);
        double[] white = [WhiteX / WhiteY, 1, (1 - WhiteX - WhiteY) / WhiteY];
        double[] from = Bradford * white, to = Bradford * D50;
        ColorMatrix adaptation = Bradford.Invert() * ColorMatrix.Diagonal(to[0] / from[0], to[1] / from[1], to[2] / from[2]) * Bradford;
        return adaptation * primaries * ColorMatrix.Diagonal(primaries.Invert() * white);
    }
}
