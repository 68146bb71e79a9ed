using System.Numerics;

namespace SimNet.Cli;

/// <summary>
/// A software rasterizer: fills anti-aliased outlines on a transparent layer and composes the layer with a studio background. It is reused
/// for many images by one thread.
/// </summary>
internal sealed class Canvas
{
    private readonly int _width;
    private readonly int _height;
    private readonly Vector4[] _sheet;
    private readonly float[] _area;
    private readonly float[] _blurred;
    private readonly float[] _scratch;
    private Matrix3x2 _toPixels;
    private Matrix3x2 _toUnits;

    public Canvas(int width, int height)
    {
        _width = width;
        _height = height;
        _sheet = new Vector4[width * height];
        _area = new float[(width + 2) * height];
        _blurred = new float[width * height];
        _scratch = new float[width * height];
    }

    /// <summary>Clears the layer.</summary>
    /// <param name="place">The transform of the product, around the center of the image.</param>
    public void Begin(Matrix3x2 place)
    {
        _toPixels = place * Matrix3x2.CreateScale(_width / 96f) * Matrix3x2.CreateTranslation(_width / 2f, _height / 2f);
        Matrix3x2.Invert(_toPixels, out _toUnits);
        Array.Clear(_sheet);
    }

    /// <summary>Fills an outline.</summary>
    public void Fill(Outline outline, Paint paint, float opacity = 1) => Composite(outline, paint, opacity, within: false);

    /// <summary>Fills an outline, but only where the layer is not transparent.</summary>
    public void FillWithin(Outline outline, Paint paint, float opacity = 1) => Composite(outline, paint, opacity, within: true);

    /// <summary>
    /// Draws a line with soft edges, such as a fold or a highlight, where the layer is not transparent. The outline is an open line.
    /// </summary>
    public void Soft(Outline line, float width, Vector3 color, float opacity)
    {
        var paint = new Paint(color);
        for (int i = 3; i > 0; i--)
        {
            FillWithin(line.Stroke(width * i / 3), paint, opacity / 3);
        }
    }

    /// <summary>
    /// Composes the RGB image: the layer, which darkens toward its silhouette like a round object, over a background with a soft shadow.
    /// </summary>
    /// <param name="background">The brightness of the background; 0 to 1.</param>
    public byte[] Photograph(float background)
    {
        for (int i = 0; i < _sheet.Length; i++)
        {
            _blurred[i] = _sheet[i].W;
        }

        BlurTwice(radius: 2);
        var pixels = new byte[_width * _height * 3];
        for (int y = 0; y < _height; y++)
        {
            for (int x = 0; x < _width; x++)
            {
                int at = y * _width + x;
                Vector4 product = _sheet[at];
                float rim = 0.74f + 0.26f * Math.Clamp(2 * _blurred[at] - 1, 0, 1);
                float shadow = y >= 3 && x >= 1 ? 0.34f * _blurred[at - 3 * _width - 1] : 0;
                float studio = background * (1 - shadow) - 0.02f * y / _height;
                Vector3 color = new Vector3(product.X, product.Y, product.Z) * rim + new Vector3(studio * (1 - product.W));
                color = Vector3.Clamp(color * 255 + new Vector3(0.5f), Vector3.Zero, new Vector3(255));
                Span<byte> pixel = pixels.AsSpan(at * 3, 3);
                pixel[0] = (byte)color.X;
                pixel[1] = (byte)color.Y;
                pixel[2] = (byte)color.Z;
            }
        }

        return pixels;
    }

    private void Composite(Outline outline, Paint paint, float opacity, bool within)
    {
        Vector2 low = new(float.PositiveInfinity), high = new(float.NegativeInfinity);
        foreach (Vector2[] contour in outline.Contours)
        {
            Vector2 previous = Vector2.Transform(contour[^1], _toPixels);
            foreach (Vector2 point in contour)
            {
                Vector2 next = Vector2.Transform(point, _toPixels);
                low = Vector2.Min(low, next);
                high = Vector2.Max(high, next);
                AddEdge(previous, next);
                previous = next;
            }
        }

        int left = Math.Clamp((int)MathF.Floor(low.X), 0, _width), right = Math.Clamp((int)MathF.Ceiling(high.X), 0, _width);
        int top = Math.Clamp((int)MathF.Floor(low.Y), 0, _height), bottom = Math.Clamp((int)MathF.Ceiling(high.Y), 0, _height);
        for (int y = top; y < bottom; y++)
        {
            Span<float> area = _area.AsSpan(y * (_width + 2), _width + 2);
            Span<Vector4> row = _sheet.AsSpan(y * _width, _width);
            float sum = 0;
            for (int x = left; x < right; x++)
            {
                sum += area[x];
                float cover = Math.Min(MathF.Abs(sum), 1) * opacity;
                if (cover < 0.002f || (within && row[x].W == 0))
                {
                    continue;
                }

                Vector2 unit = Vector2.Transform(new Vector2(x + 0.5f, y + 0.5f), _toUnits);
                Vector3 color = paint.At(unit.X, unit.Y);
                float keep = 1 - cover;
                float alpha = within ? row[x].W : 1;
                Vector4 under = row[x];
                row[x] = new Vector4(color * (cover * alpha), cover * alpha) + under * keep;
            }

            area.Clear();
        }
    }

    /// <summary>
    /// Adds the signed area of an edge. After all edges of a closed contour, the running sum along a row is the coverage of each pixel.
    /// </summary>
    private void AddEdge(Vector2 from, Vector2 to)
    {
        if (from.Y == to.Y)
        {
            return;
        }

        float direction = 1;
        if (from.Y > to.Y)
        {
            (from, to, direction) = (to, from, -1);
        }

        float slope = (to.X - from.X) / (to.Y - from.Y);
        int first = Math.Max(0, (int)MathF.Floor(from.Y)), last = Math.Min(_height, (int)MathF.Ceiling(to.Y));
        for (int y = first; y < last; y++)
        {
            float enter = Math.Max(y, from.Y), leave = Math.Min(y + 1, to.Y);
            float weight = (leave - enter) * direction;
            float x0 = Math.Clamp(from.X + (enter - from.Y) * slope, 0, _width);
            float x1 = Math.Clamp(from.X + (leave - from.Y) * slope, 0, _width);
            if (x0 > x1)
            {
                (x0, x1) = (x1, x0);
            }

            Span<float> row = _area.AsSpan(y * (_width + 2), _width + 2);
            int column = (int)x0, end = (int)MathF.Ceiling(x1);
            if (end <= column + 1)
            {
                float inside = weight * (1 - ((x0 + x1) / 2 - column));
                row[column] += inside;
                row[column + 1] += weight - inside;
                continue;
            }

            float covered = 0;
            for (int x = column; x <= end; x++)
            {
                float cover = weight * (Reach(x + 1, x0, x1) - Reach(x, x0, x1));
                row[x] += cover - covered;
                covered = cover;
            }
        }
    }

    /// <summary>Computes the mean of max(0, z - x) for x from x0 to x1.</summary>
    private static float Reach(float z, float x0, float x1) =>
        z <= x0 ? 0 : z >= x1 ? z - (x0 + x1) / 2 : (z - x0) * (z - x0) / (2 * (x1 - x0));

    private void BlurTwice(int radius)
    {
        for (int pass = 0; pass < 2; pass++)
        {
            for (int y = 0; y < _height; y++)
            {
                BoxBlur(_blurred.AsSpan(y * _width), _scratch.AsSpan(y * _width), _width, 1, radius);
            }

            for (int x = 0; x < _width; x++)
            {
                BoxBlur(_scratch.AsSpan(x), _blurred.AsSpan(x), _height, _width, radius);
            }
        }
    }

    private static void BoxBlur(ReadOnlySpan<float> from, Span<float> to, int length, int stride, int radius)
    {
        float scale = 1f / (2 * radius + 1);
        float sum = 0;
        for (int i = 0; i < radius; i++)
        {
            sum += from[i * stride];
        }

        for (int i = 0; i < length; i++)
        {
            sum += i + radius < length ? from[(i + radius) * stride] : 0;
            to[i * stride] = sum * scale;
            sum -= i >= radius ? from[(i - radius) * stride] : 0;
        }
    }
}
