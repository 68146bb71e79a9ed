using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace SimNet.Index;

/// <summary>The codes as the points of a tree. The normal is rounded to 8-bit values.</summary>
/// <remarks>
/// The rounded hyperplane is not exactly the one drawn, but it divides equally well, and rows and queries are compared with the same one.
/// </remarks>
/// <param name="codes">The codes.</param>
/// <param name="shift">
/// Added to a code to get the point that is divided; hyperplanes then pass through the origin. If empty, the code is the point and
/// hyperplanes have an offset.
/// </param>
internal sealed unsafe class CodeTreePoints(ScalarQuantizedCodes codes, ReadOnlyMemory<float> shift) : TreePoints
{
    private const int Largest = 127;

    private readonly short[] _normal = GC.AllocateArray<short>(codes.Stride, pinned: true);
    private readonly VectorBuffer _rounded = new(codes.Stride);
    private readonly VectorBuffer _point = new(codes.Stride);

    public override int Count => codes.Count;

    public override int Stride => codes.Stride;

    public override bool IsCentered => !shift.IsEmpty;

    public override float* Load(int row)
    {
        TensorPrimitives.ConvertTruncating(Code(row), _point.Span);
        if (!shift.IsEmpty)
        {
            TensorPrimitives.Add(_point.Span, shift.Span, _point.Span);
        }

        return _point.Pointer;
    }

    public override bool AreEqual(int row, int other) => Code(row).SequenceEqual(Code(other));

    public override bool TrySetNormal(Span<float> normal, out float scale)
    {
        float largest = TensorPrimitives.MaxMagnitude<float>(normal);
        scale = 0;
        if (largest == 0)
        {
            return false;
        }

        float perStep = Largest / MathF.Abs(largest);
        int squares = 0;
        for (int i = 0; i < normal.Length; i++)
        {
            int number = (int)MathF.Round(normal[i] * perStep);
            _normal[i] = (short)number;
            normal[i] = number;
            squares += number * number;
        }

        normal.CopyTo(_rounded.Span);
        scale = (float)(1 / Math.Sqrt(squares));
        return true;
    }

    public override float CenteredOffset(float scale)
    {
        shift.Span.CopyTo(_point.Span);
        return scale * DotKernel.Compute(_rounded.Pointer, _point.Pointer, codes.Stride);
    }

    public override float Product(int row) => CodeDotKernel.Compute(
        (short*)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_normal)), codes.Code(row), codes.Stride);

    public override byte[] CopyNormal() => Array.ConvertAll(_normal, number => (byte)(sbyte)number);

    private ReadOnlySpan<sbyte> Code(int row) => new(codes.Code(row), codes.Stride);
}
