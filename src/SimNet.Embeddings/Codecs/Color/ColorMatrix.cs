namespace SimNet.Embeddings;

/// <summary>A 3 x 3 matrix that acts on columns of three color values.</summary>
/// <param name="values">The nine values, row by row.</param>
internal sealed class ColorMatrix(params double[] values)
{
    public double this[int row, int column] => values[(3 * row) + column];

    public static ColorMatrix operator *(ColorMatrix a, ColorMatrix b)
    {
        double[] product = new double[9];
        for (int i = 0; i < 9; i++)
        {
            product[i] = (a[i / 3, 0] * b[0, i % 3]) + (a[i / 3, 1] * b[1, i % 3]) + (a[i / 3, 2] * b[2, i % 3]);
        }

        return new ColorMatrix(product);
    }

    public static double[] operator *(ColorMatrix a, double[] column) =>
    [
        .. Enumerable.Range(0, 3).Select(row => (a[row, 0] * column[0]) + (a[row, 1] * column[1]) + (a[row, 2] * column[2])),
    ];

    /// <summary>The matrix with the given values in its diagonal, and zeros elsewhere.</summary>
    public static ColorMatrix Diagonal(params double[] scale) => new(scale[0], 0, 0, 0, scale[1], 0, 0, 0, scale[2]);

    /// <summary>Returns the inverse by cofactors; its values are not finite if there is none.</summary>
    public ColorMatrix Invert()
    {
        double[] cofactors = new double[9];
        for (int row = 0; row < 3; row++)
        {
            for (int column = 0; column < 3; column++)
            {
                int r1 = (row + 1) % 3, r2 = (row + 2) % 3, c1 = (column + 1) % 3, c2 = (column + 2) % 3;
                cofactors[(3 * column) + row] = (this[r1, c1] * this[r2, c2]) - (this[r1, c2] * this[r2, c1]);
            }
        }

        double determinant = (values[0] * cofactors[0]) + (values[1] * cofactors[3]) + (values[2] * cofactors[6]);
        return new ColorMatrix([.. cofactors.Select(value => value / determinant)]);
    }
}
