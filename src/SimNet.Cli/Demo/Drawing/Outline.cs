using System.Numerics;

namespace SimNet.Cli;

/// <summary>
/// Closed contours to fill, in a space of 96x128 units with the center of the image at (0, 0) and y pointing down.
/// Overlapping contours of one direction form a union; a contour within another of the opposite direction is a hole.
/// </summary>
internal sealed class Outline
{
    private const int CurveSteps = 10;

    private readonly List<Vector2[]> _contours = [];
    private readonly List<Vector2> _open = [];

    public IReadOnlyList<Vector2[]> Contours => _contours;

    public static Outline From(float x, float y)
    {
        var outline = new Outline();
        outline._open.Add(new Vector2(x, y));
        return outline;
    }

    public static Outline Polygon(params ReadOnlySpan<float> coordinates)
    {
        Outline outline = From(coordinates[0], coordinates[1]);
        for (int i = 2; i < coordinates.Length; i += 2)
        {
            outline.Line(coordinates[i], coordinates[i + 1]);
        }

        return outline.Close();
    }

    public static Outline Ellipse(float x, float y, float radiusX, float radiusY)
    {
        var outline = new Outline();
        outline._contours.Add(EllipsePoints(new Vector2(x, y), radiusX, radiusY, 28));
        return outline;
    }

    /// <summary>Creates a box around (x, y) with rounded corners.</summary>
    public static Outline Box(float x, float y, float width, float height, float radius)
    {
        (float left, float right, float top, float bottom) = (x - width / 2, x + width / 2, y - height / 2, y + height / 2);
        float r = Math.Min(radius, Math.Min(width, height) / 2);
        float c = r * 0.45f;
        return From(left + r, top)
            .Line(right - r, top).Curve(right - c, top, right, top + c, right, top + r)
            .Line(right, bottom - r).Curve(right, bottom - c, right - c, bottom, right - r, bottom)
            .Line(left + r, bottom).Curve(left + c, bottom, left, bottom - c, left, bottom - r)
            .Line(left, top + r).Curve(left, top + c, left + c, top, left + r, top)
            .Close();
    }

    public Outline Line(float x, float y)
    {
        _open.Add(new Vector2(x, y));
        return this;
    }

    /// <summary>Adds a cubic Bézier curve to (x, y).</summary>
    public Outline Curve(float controlX1, float controlY1, float controlX2, float controlY2, float x, float y)
    {
        Vector2 a = _open[^1], b = new(controlX1, controlY1), c = new(controlX2, controlY2), d = new(x, y);
        for (int i = 1; i <= CurveSteps; i++)
        {
            float t = i / (float)CurveSteps;
            float u = 1 - t;
            _open.Add(a * (u * u * u) + b * (3 * u * u * t) + c * (3 * u * t * t) + d * (t * t * t));
        }

        return this;
    }

    public Outline Close()
    {
        _contours.Add([.. _open]);
        _open.Clear();
        return this;
    }

    /// <summary>Closes the contour with its reflection in the line x = 0.</summary>
    public Outline CloseMirrored()
    {
        for (int i = _open.Count - 1; i >= 0; i--)
        {
            _open.Add(_open[i] with { X = -_open[i].X });
        }

        return Close();
    }

    /// <summary>Returns the open line as an outline of a given width, with round ends and corners.</summary>
    public Outline Stroke(float width)
    {
        var stroke = new Outline();
        float half = width / 2;
        for (int i = 0; i + 1 < _open.Count; i++)
        {
            Vector2 along = _open[i + 1] - _open[i];
            if (along.LengthSquared() < 1e-8f)
            {
                continue;
            }

            along = Vector2.Normalize(along) * half;
            var across = new Vector2(-along.Y, along.X);
            stroke._contours.Add([_open[i] + across, _open[i] - across, _open[i + 1] - across, _open[i + 1] + across]);
        }

        foreach (Vector2 point in _open)
        {
            stroke._contours.Add(EllipsePoints(point, half, half, width < 1.5f ? 6 : 12));
        }

        stroke.TurnAll(clockwise: true);
        return stroke;
    }

    /// <summary>Returns the contours as lines of a given width.</summary>
    public Outline Border(float width)
    {
        var border = new Outline();
        foreach (Vector2[] contour in _contours)
        {
            var line = new Outline();
            line._open.AddRange(contour);
            line._open.Add(contour[0]);
            border._contours.AddRange(line.Stroke(width)._contours);
        }

        return border;
    }

    /// <summary>Returns the union with another outline.</summary>
    public Outline With(Outline other)
    {
        TurnAll(clockwise: true);
        other.TurnAll(clockwise: true);
        _contours.AddRange(other._contours);
        return this;
    }

    /// <summary>Returns this outline with a hole: another outline, which must be inside it.</summary>
    public Outline Without(Outline hole)
    {
        TurnAll(clockwise: true);
        hole.TurnAll(clockwise: false);
        _contours.AddRange(hole._contours);
        return this;
    }

    /// <summary>Returns the reflection in the line x = 0.</summary>
    public Outline Mirrored()
    {
        var mirrored = new Outline();
        mirrored._contours.AddRange(_contours.Select(contour => Array.ConvertAll(contour, p => p with { X = -p.X })));
        mirrored._open.AddRange(_open.Select(p => p with { X = -p.X }));
        return mirrored;
    }

    private static Vector2[] EllipsePoints(Vector2 center, float radiusX, float radiusY, int points)
    {
        var contour = new Vector2[points];
        for (int i = 0; i < points; i++)
        {
            (float sin, float cos) = MathF.SinCos(i * 2 * MathF.PI / points);
            contour[i] = center + new Vector2(cos * radiusX, sin * radiusY);
        }

        return contour;
    }

    private void TurnAll(bool clockwise)
    {
        foreach (Vector2[] contour in _contours)
        {
            float area = 0;
            for (int i = 0; i < contour.Length; i++)
            {
                Vector2 a = contour[i], b = contour[(i + 1) % contour.Length];
                area += a.X * b.Y - b.X * a.Y;
            }

            if (area > 0 != clockwise)
            {
                Array.Reverse(contour);
            }
        }
    }
}
