namespace SimNet.Index;

/// <summary>The points that the hyperplanes of a tree divide: the codes of the rows, or the rows themselves. Holds one normal.</summary>
internal abstract unsafe class TreePoints
{
    /// <summary>The number of points.</summary>
    public abstract int Count { get; }

    /// <summary>The number of components of a point, with padding.</summary>
    public abstract int Stride { get; }

    /// <summary>Whether hyperplanes pass through the origin: the points lie on a sphere around it.</summary>
    public abstract bool IsCentered { get; }

    /// <summary>Loads a point, valid until the next call.</summary>
    public abstract float* Load(int row);

    /// <summary>Whether two points are equal.</summary>
    public abstract bool AreEqual(int row, int other);

    /// <summary>
    /// Makes a vector the normal and rounds it to the form in which normals are stored; false if it is zero.
    /// </summary>
    /// <param name="normal">The vector, of <see cref="Stride"/> components.</param>
    /// <param name="scale">The reciprocal of the length of the stored form.</param>
    public abstract bool TrySetNormal(Span<float> normal, out float scale);

    /// <summary>
    /// The scaled offset of a hyperplane through the origin, which is not 0 if <see cref="Product"/> is that with a shifted point.
    /// </summary>
    public abstract float CenteredOffset(float scale);

    /// <summary>The product of a row, as searches read it, with the normal.</summary>
    public abstract float Product(int row);

    /// <summary>Copies the normal in the form in which it is stored.</summary>
    public abstract byte[] CopyNormal();
}
