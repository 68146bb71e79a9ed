namespace SimNet.Cli;

/// <summary>The style sheet of a <see cref="DemoReport"/>: for light and dark color schemes, and from phones to wide screens.</summary>
internal static class DemoReportStyle
{
    public const string Css = """
        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --text: #16181d; --muted: #626976; --line: #e3e6eb;
          --brand: #3b66d9; --brand-soft: #e8eefc; --good: #177a45; --good-soft: #dff4e8; --bad: #b3372f; --bad-soft: #fbe6e4;
          --shadow: 0 1px 2px rgb(20 25 40 / 6%), 0 6px 20px rgb(20 25 40 / 5%);
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #101216; --card: #191c22; --text: #e9ebef; --muted: #98a0ae; --line: #2b3038;
            --brand: #8aa8ff; --brand-soft: #232c45; --good: #6fd39b; --good-soft: #17352a; --bad: #f0958d; --bad-soft: #42211f;
            --shadow: none;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-behavior: smooth; scroll-padding-top: 4rem; }
        body { margin: 0; background: var(--page); color: var(--text); font: 16px/1.55 system-ui, "Segoe UI", Roboto, sans-serif; }
        header, main, footer { max-width: 1160px; margin: 0 auto; padding: 0 1.5rem; }
        header { padding-top: 3.5rem; }
        h1 { font-size: clamp(1.9rem, 4vw, 2.9rem); line-height: 1.12; letter-spacing: -0.025em; margin: 0 0 .6rem; text-wrap: balance; }
        h2 { font-size: 1.4rem; letter-spacing: -0.015em; margin: 0 0 .2rem; }
        h3 { font-size: 1rem; margin: 1.4rem 0 .6rem; }
        .lead { font-size: 1.12rem; color: var(--muted); max-width: 46rem; margin: 0 0 1.8rem; }
        .note { color: var(--muted); margin: 0 0 1.2rem; max-width: 46rem; }
        nav {
            position: sticky;
            top: 0;
            z-index: 2;
            background: color-mix(in srgb, var(--page) 88%, transparent);
            backdrop-filter: blur(8px);
            border-bottom: 1px solid var(--line);
        }
        nav ul {
            max-width: 1160px;
            margin: 0 auto;
            padding: .65rem 1.5rem;
            display: flex;
            gap: 1.4rem;
            overflow-x: auto;
            list-style: none;
            white-space: nowrap;
        }
        nav a { color: var(--muted); text-decoration: none; font-size: .92rem; }
        nav a:hover { color: var(--brand); }
        section {
            background: var(--card);
            border: 1px solid var(--line);
            border-radius: 16px;
            box-shadow: var(--shadow);
            padding: 1.6rem;
            margin: 1.5rem 0;
        }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(190px, 1fr)); gap: 1rem; margin: 0 0 1.8rem; }
        .tile {
            background: var(--card);
            border: 1px solid var(--line);
            border-radius: 16px;
            box-shadow: var(--shadow);
            padding: 1.1rem 1.3rem;
        }
        .tile b { display: block; font-size: 2rem; line-height: 1.15; letter-spacing: -0.03em; font-variant-numeric: tabular-nums; }
        .tile span { color: var(--muted); font-size: .9rem; }
        .tile small { display: block; color: var(--muted); font-size: .8rem; margin-top: .3rem; }
        img { display: block; width: 100%; height: auto; border-radius: 10px; background: #f4f4f4; }
        figure { margin: 0; }
        figcaption { font-size: .84rem; line-height: 1.35; margin-top: .45rem; overflow-wrap: anywhere; }
        figcaption small { color: var(--muted); font-variant-numeric: tabular-nums; }
        .query {
            display: grid;
            grid-template-columns: minmax(120px, 1.1fr) 5fr;
            gap: 1.4rem;
            padding: 1.2rem 0;
            border-top: 1px solid var(--line);
        }
        .query:first-of-type { border-top: 0; }
        .query > figure img { outline: 3px solid var(--brand); outline-offset: 2px; }
        .query > figure figcaption { margin-top: .7rem; }
        .query h3 { color: var(--muted); font-size: .84rem; margin: 0 0 .5rem; }
        .results + h3 { margin-top: 1.2rem; }
        .results { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1rem; align-content: start; }
        .badge { display: inline-block; font-size: .74rem; font-weight: 600; border-radius: 99px; padding: .05rem .5rem; }
        .same .badge { color: var(--good); background: var(--good-soft); }
        .other .badge { color: var(--bad); background: var(--bad-soft); }
        .other img { opacity: .8; outline: 2px dashed var(--bad); outline-offset: -2px; }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 1.5rem; }
        .charts svg { width: 100%; height: auto; }
        .triples { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 1.4rem; }
        .triple { display: grid; grid-template-columns: repeat(3, 1fr); gap: .5rem; }
        .triple img, .maps img { image-rendering: pixelated; }
        .triple figcaption { color: var(--muted); font-size: .76rem; text-align: center; margin-top: .25rem; }
        .triples > div > p { margin: .3rem 0 0; font-size: .84rem; }
        .seen { max-width: 120px; }
        .maps { display: grid; grid-template-columns: repeat(16, 1fr); gap: 6px; }
        .maps img { border-radius: 5px; background: none; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; width: 100%; font-size: .94rem; font-variant-numeric: tabular-nums; }
        th { text-align: left; font-size: .8rem; font-weight: 600; color: var(--muted); }
        th, td { padding: .55rem .8rem .55rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
        tr:last-child td { border-bottom: 0; }
        td small { display: block; color: var(--muted); }
        .number { text-align: right; white-space: nowrap; }
        tfoot td { font-weight: 600; border-top: 2px solid var(--line); }
        .bar {
            display: block;
            height: 6px;
            border-radius: 3px;
            background: var(--line);
            min-width: 90px;
            margin-top: .35rem;
            overflow: hidden;
        }
        .bar i { display: block; height: 100%; background: var(--brand); }
        .raw .bar i { background: var(--muted); }
        dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(210px, 1fr)); gap: .9rem 1.5rem; margin: 0; }
        dt { font-size: .8rem; color: var(--muted); }
        dd { margin: 0; overflow-wrap: anywhere; }
        footer { color: var(--muted); font-size: .85rem; padding-bottom: 3rem; }
        @media (max-width: 720px) {
          .query { grid-template-columns: 1fr; }
          .query > figure { max-width: 150px; }
          .results { grid-template-columns: repeat(3, 1fr); }
          .maps { grid-template-columns: repeat(8, 1fr); }
        }
        @media print { nav { display: none; } section, .tile { box-shadow: none; break-inside: avoid; } }
        """;
}
