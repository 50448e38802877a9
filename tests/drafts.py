"""Bodies that create campaigns and lead forms, in the public names, complete and valid."""

from __future__ import annotations

from typing import Any

CREATIVES: dict[str, Any] = {
    "primaryText": "Sleep outside, at ease.",
    "headline": "Tents for every night",
    "url": "https://shop.example/tents",
    "callToAction": "SHOP_NOW",
    "imageUrl": "https://shop.example/tent.jpg",
}
CAMPAIGN: dict[str, Any] = {
    "campaignName": "Summer tents",
    "budget": 50,
    "adSetName": "Hikers",
    "targeting": {"geoLocations": [{"type": "country", "id": "DE"}]},
    "creatives": CREATIVES,
    "pageId": "page_1001_1",
}
TRAFFIC = CAMPAIGN | {"optimizationGoal": "LINK_CLICKS", "conversionLocation": "WEBSITE"}
SALES = CAMPAIGN | {"pixelId": "px_1", "conversionEvent": "PURCHASE"}
LEADS = CAMPAIGN | {"leadFormId": "form_1001_1"}
AWARENESS = CAMPAIGN | {"optimizationGoal": "REACH"}
ENGAGEMENT = CAMPAIGN | {
    "engagementType": "POST_ENGAGEMENT",
    "conversionLocation": "ON_AD",
    "optimizationGoal": "POST_ENGAGEMENT",
    "creatives": {name: value for name, value in CREATIVES.items() if name != "url"},
}
LEAD_FORM: dict[str, Any] = {
    "pageId": "page_1001_1",
    "name": "Newsletter",
    "questions": [
        {"type": "EMAIL", "label": "Your address"},
        {
            "type": "CUSTOM",
            "label": "How do you sleep outside?",
            "options": [{"value": "In a tent", "key": "tent"}],
        },
    ],
    "privacyPolicyUrl": "https://shop.example/privacy",
    "privacyPolicyName": "Privacy",
    "thankYouPage": {
        "title": "Thank you",
        "body": "We will write.",
        "buttonText": "Back to the shop",
        "buttonType": "VIEW_WEBSITE",
        "websiteUrl": "https://shop.example/",
    },
    "language": "EN_US",
}
BODIES: dict[str, dict[str, Any]] = {
    "createTrafficCampaign": TRAFFIC,
    "createSalesCampaign": SALES,
    "createLeadCampaign": LEADS,
    "createAwarenessCampaign": AWARENESS,
    "createEngagementCampaign": ENGAGEMENT,
    "createLeadForm": LEAD_FORM,
}
