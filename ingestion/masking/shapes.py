"""Tokens that can be told by their shape: their makers give them a beginning that nothing else has.

The shapes are those that the makers document, so that scanners can find them; where a shape alone would hit too much
else (32 hexadecimal digits), the maker's name must stand somewhere in the text.
"""

import re

from ingestion.masking.placeholders import is_made_up
from ingestion.masking.rules import Rule

_TABLE = (
    # kind, words without which there is none, shape
    ("AWS access key", ("akia", "asia", "abia", "acca"), r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}"),
    ("GitHub token", ("ghp_", "gho_", "ghu_", "ghs_", "ghr_"), r"gh[pousr]_[A-Za-z0-9]{36,255}"),
    ("GitHub token", ("github_pat_",), r"github_pat_\w{22,255}"),
    (
        "GitLab token",
        ("glpat-", "gldt-", "glrt-", "glcbt-", "glptt-", "glft-", "glimt-", "glagent-", "gloas-", "glsoat-"),
        r"gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|oas|soat)-[\w.-]{20,300}",
    ),
    ("Slack token", ("xox",), r"xox[abceoprs](?:\.xox[bp])?-[\w-]{0,20}?\d[\w-]{9,300}"),
    ("Slack token", ("xapp-",), r"xapp-\d-[A-Za-z0-9-]{20,300}"),
    (
        "Slack webhook",
        ("hooks.slack.com/",),
        r"hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+]{20,200}",
    ),
    (
        "Discord webhook",
        ("/api/webhooks/",),
        r"discord(?:app)?\.com/api/webhooks/\d{10,25}/[\w-]{50,100}",
    ),
    ("Discord token", ("discord",), r"[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,45}"),
    ("Teams webhook", ("webhook.office.com/",), r"webhook\.office\.com/webhookb2/[\w@/-]{40,300}"),
    ("Telegram token", (":aa",), r"(?:bot)?(?P<secret>\d{8,10}:AA[\w-]{33})"),
    ("Google API key", ("aiza",), r"AIza[\w-]{30,45}"),
    ("Google token", ("ya29.", "gocspx-"), r"(?:ya29\.|GOCSPX-)[\w-]{20,500}"),
    ("Anthropic key", ("sk-ant-",), r"sk-ant-[\w-]{30,200}"),
    ("OpenAI key", ("t3blbkfj", "sk-proj-", "sk-svcacct-", "sk-admin-"), r"sk-[\w-]{32,300}"),
    ("API key", ("sk-",), r"sk-(?:or-v1-|lf-)?[A-Za-z0-9]{32,100}"),
    ("API key", ("gsk_", "xai-", "pplx-"), r"(?:gsk_|xai-|pplx-)[A-Za-z0-9]{40,100}"),
    ("API key", ("r8_", "nfp_"), r"(?:r8_|nfp_)[A-Za-z0-9]{36,40}"),
    ("Hugging Face token", ("hf_", "api_org_"), r"(?:hf|api_org)_[A-Za-z0-9]{30,50}"),
    ("Stripe key", ("_live_", "_test_"), r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}"),
    ("Stripe webhook secret", ("whsec_",), r"whsec_[A-Za-z0-9+/]{24,100}={0,2}"),
    ("Square token", ("sq0",), r"sq0[a-z]{3}-[\w-]{22,50}"),
    ("Shopify token", ("shpat_", "shpca_", "shppa_", "shpss_"), r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"),
    ("PyPI token", ("pypi-age",), r"pypi-AgE[\w-]{50,1000}"),
    ("npm token", ("npm_",), r"npm_[A-Za-z0-9]{36}"),
    ("RubyGems key", ("rubygems_",), r"rubygems_[0-9a-f]{48}"),
    ("crates.io token", ("cio",), r"cio[A-Za-z0-9]{32}"),
    ("NuGet key", ("oy2",), r"oy2[a-z0-9]{43}"),
    ("Docker token", ("dckr_",), r"dckr_(?:pat|oat)_[\w-]{20,100}"),
    (
        "JSON web token",
        ("eyj",),
        r"eyJ[\w-]{8,2000}\.[\w-]{8,20000}\.[\w-]{10,2000}(?:\.[\w-]{1,20000}\.[\w-]{1,200})?",
    ),
    ("SendGrid key", ("sg.",), r"SG\.[\w-]{16,32}\.[\w-]{16,64}"),
    ("Mailgun key", ("key-",), r"key-[0-9a-f]{32}"),
    ("Mailchimp key", ("mailchimp",), r"[0-9a-f]{32}-us\d{1,2}"),
    ("Twilio key", ("twilio",), r"SK[0-9a-f]{32}"),
    ("DigitalOcean token", ("_v1_",), r"do[opr]_v1_[0-9a-f]{64}"),
    ("Atlassian token", ("atatt3", "atctt3"), r"AT[AC]TT3[\w=-]{60,400}"),
    ("Bitbucket password", ("atbb",), r"ATBB[A-Za-z0-9]{24,40}"),
    ("Databricks token", ("dapi",), r"dapi[0-9a-f]{32}(?:-\d)?"),
    ("Doppler token", ("dp.",), r"dp\.(?:pt|st|ct|sa|scim|audit)\.[\w.-]{40,80}"),
    ("Dropbox token", ("sl.",), r"sl\.(?:u\.)?[\w-]{130,2000}"),
    (
        "Grafana token",
        ("glsa_", "glc_"),
        r"(?:glsa_[A-Za-z0-9]{32}_[0-9a-f]{8}|glc_[A-Za-z0-9+/]{32,400}={0,2})",
    ),
    ("Vault token", ("hvs.", "hvb.", "hvr."), r"hv[sbr]\.[\w-]{24,300}"),
    ("Terraform token", (".atlasv1.",), r"[A-Za-z0-9]{14}\.atlasv1\.[\w-]{60,70}"),
    ("Heroku key", ("hrku-",), r"HRKU-[\w-]{36,80}"),
    ("Linear key", ("lin_",), r"lin_(?:api|oauth)_[A-Za-z0-9]{32,80}"),
    ("Notion token", ("ntn_", "secret_"), r"(?:ntn_|secret_)[A-Za-z0-9]{40,60}"),
    ("New Relic key", ("nrak-", "nrjs-", "nrii-", "nrra-"), r"NR(?:AK|JS|II|RA)-[\w-]{19,40}"),
    ("Postman key", ("pmak-",), r"PMAK-[0-9a-f]{24}-[0-9a-f]{34}"),
    ("Pulumi token", ("pul-",), r"pul-[0-9a-f]{40}"),
    ("PlanetScale token", ("pscale_",), r"pscale_(?:tkn|pw|oauth)_[\w.-]{32,64}"),
    ("Sentry token", ("sntrys_", "sntryu_"), r"sntry[su]_[\w+/=-]{40,500}"),
    ("Supabase token", ("sbp_", "sb_secret_"), r"(?:sbp_[0-9a-f]{40}|sb_secret_[\w-]{20,60})"),
    ("Tailscale key", ("tskey-",), r"tskey-[a-z]{3,10}-[A-Za-z0-9-]{16,80}"),
    ("Figma token", ("figd_",), r"figd_[\w-]{38,60}"),
    ("Airtable token", ("airtable",), r"pat[A-Za-z0-9]{14}\.[0-9a-f]{64}"),
    ("Adafruit key", ("aio_",), r"aio_[A-Za-z0-9]{28}"),
    ("Alibaba access key", ("ltai",), r"LTAI[A-Za-z0-9]{16,24}"),
    ("Azure secret", ("q~",), r"[\w.~-]{3}\dQ~[\w.~-]{31,34}"),
    ("1Password token", ("ops_eyj",), r"ops_eyJ[A-Za-z0-9+/]{100,3000}={0,3}"),
    (
        "1Password key",
        ("a3-",),
        r"A3-[A-Z0-9]{6}-(?:[A-Z0-9]{11}|[A-Z0-9]{6}-[A-Z0-9]{5})(?:-[A-Z0-9]{5}){3}",
    ),
    ("age key", ("age-secret-key-",), r"AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]{58,2000}"),
)


def _shape(shape: str) -> re.Pattern[str]:
    r"""The shape where no longer word surrounds it. Markdown may write its underscores as `\_`."""
    escaped = shape.replace(r"[\w", r"[\\\w").replace(r"\w{", r"[\\\w]{").replace("_", r"\\?_")
    return re.compile(rf"(?<![\w\\-]){escaped}(?![A-Za-z0-9])")


def _is_secret(match: re.Match[str]) -> bool:
    return not is_made_up(match[0])


SHAPES = tuple(Rule(kind, words, _shape(shape), _is_secret) for kind, words, shape in _TABLE)
