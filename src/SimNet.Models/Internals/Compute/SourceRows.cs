using System.Runtime.CompilerServices;

namespace SimNet.Models;

/// <summary>Some rows of a channels-last picture with zeros around: those rows in place where nothing needs adding, else a copy.</summary>
/// <param name="Shape">The picture.</param>
/// <param name="First">The first row; negative for rows of zeros above.</param>
/// <param name="Count">Number of rows; those past the picture's last are zeros.</param>
/// <param name="Left">Columns of zeros before each row.</param>
/// <param name="Right">Columns of zeros after each row.</param>
internal readonly unsafe record struct SourceRows(Shape Shape, int First, int Count, int Left, int Right)
{
    /// <summary>Values from one row to the next.</summary>
    public int Stride => checked((Left + Shape.Width + Right) * Shape.Channels);

    /// <summary>Values that a copy takes.</summary>
    public int Length => checked(Count * Stride);

    /// <summary>Whether the picture can be used as it lies.</summary>
    public bool InPlace => Left == 0 && Right == 0 && First >= 0 && First + Count <= Shape.Height;

    /// <summary>The rows: a pointer into the picture, or to their copy in <paramref name="scratch"/>.</summary>
    public float* Get(float* picture, float* scratch)
    {
        int width = Shape.Width * Shape.Channels;
        if (InPlace)
        {
            return picture + (nint)First * width;
        }

        int left = Left * Shape.Channels;
        int right = Right * Shape.Channels;
        float* to = scratch;
        for (int row = First; row < First + Count; row++)
        {
            if ((uint)row >= (uint)Shape.Height)
            {
                new Span<float>(to, Stride).Clear();
            }
            else
            {
                new Span<float>(to, left).Clear();
                Unsafe.CopyBlockUnaligned(to + left, picture + (nint)row * width, (uint)width * sizeof(float));
                new Span<float>(to + left + width, right).Clear();
            }

            to += Stride;
        }

        return scratch;
    }
}
